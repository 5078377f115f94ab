"""A walk through everything Podium answers, which remembers every answer."""

from collections import defaultdict
from typing import Any

from inprocess import GROUP, SUBNET, Plane
from parity.documented import members

LOG = {"logDriver": "json-file", "options": {"max-size": "1m"}}
AWSLOGS = {
    "logDriver": "awslogs",
    "options": {
        "awslogs-group": "/ecs/old",
        "awslogs-region": "us-east-1",
        "awslogs-stream-prefix": "ecs",
        "awslogs-create-group": "true",
    },
}
CONTAINER = {
    "name": "app",
    "image": "web:1",
    "cpu": 10,
    "memory": 128,
    "command": ["sleep", "360"],
    "entryPoint": ["sh", "-c"],
    "links": [],
    "environment": [{"name": "A", "value": "1"}],
    "mountPoints": [{"sourceVolume": "v", "containerPath": "/v"}],
    "logConfiguration": LOG,
}


def answers() -> dict[str, set[str]]:
    """Operation -> the paths of all members that its answers showed on the walk."""
    plane = Plane()
    seen: dict[str, set[str]] = defaultdict(set)

    def remember(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        seen[model.name] |= members({k: v for k, v in parsed.items() if k != "ResponseMetadata"})

    plane.ecs.meta.events.register("after-call.ecs", remember)
    _walk(plane)
    _look_around(plane)
    _wait(plane)
    return dict(seen)


def _walk(plane: Plane) -> None:
    ecs, tags = plane.ecs, [{"key": "team", "value": "a"}]
    ecs.create_cluster(clusterName="default", tags=tags, configuration={}, serviceConnectDefaults={"namespace": "n"})
    ecs.update_cluster(cluster="default", settings=[{"name": "containerInsights", "value": "enabled"}])
    ecs.update_cluster_settings(cluster="default", settings=[{"name": "containerInsights", "value": "enabled"}])
    instance, other = plane.join(instances=2, attributes={"ecs.cpu-architecture": "x86_64"})
    for each in (instance, other):
        ecs.tag_resource(resourceArn=each, tags=tags)
    ecs.put_attributes(attributes=[{"name": "stack", "value": "prod", "targetId": instance}])
    ecs.delete_attributes(attributes=[{"name": "stack", "targetId": instance}])
    for family, ports in (("web", [{"containerPort": 80, "hostPort": 8080}]), ("job", [])):
        container = {**CONTAINER, "portMappings": ports}
        volumes = [{"name": "v", "host": {}}]
        ecs.register_task_definition(family=family, containerDefinitions=[container], volumes=volumes, tags=tags)
    role = "arn:aws:iam::123456789012:role/r"
    ecs.register_task_definition(
        family="old",
        containerDefinitions=[{**CONTAINER, "logConfiguration": AWSLOGS}],
        volumes=[{"name": "v", "host": {}}],
        cpu="256",
        memory="512",
        networkMode="bridge",
        requiresCompatibilities=["EC2"],
        taskRoleArn=role,
        executionRoleArn=role,
    )
    ecs.deregister_task_definition(taskDefinition="old:1")
    ecs.delete_task_definitions(taskDefinitions=["old:1"])
    _serve_and_run(plane, tags)
    busy = {task.container_instance_arn for task in plane.tasks("web")}
    instance, other = sorted((instance, other), key=lambda arn: arn not in busy)
    described = ["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"]
    ecs.describe_clusters(clusters=["default", "ghost"], include=described)
    ecs.describe_container_instances(containerInstances=[instance], include=["TAGS", "CONTAINER_INSTANCE_HEALTH"])
    ecs.describe_task_definition(taskDefinition="web", include=["TAGS"])
    ecs.update_container_instances_state(containerInstances=[other], status="DRAINING")
    ecs.deregister_container_instance(containerInstance=other, force=True)
    ecs.list_tags_for_resource(resourceArn=instance)
    for listing in ("clusters", "container_instances", "services", "tasks", "task_definitions"):
        getattr(ecs, f"list_{listing}")(maxResults=1)
    ecs.list_task_definition_families()


def _serve_and_run(plane: Plane, tags: list[dict[str, str]]) -> None:
    ecs = plane.ecs
    ecs.create_service(
        serviceName="web",
        taskDefinition="web",
        desiredCount=1,
        tags=tags,
        placementStrategy=[{"type": "spread", "field": "instanceId"}],
        placementConstraints=[{"type": "distinctInstance"}],
    )
    plane.run()
    [task] = plane.tasks("web")
    [revision] = ecs.describe_services(services=["web"])["services"][0]["currentServiceRevisions"]
    binding = {"bindIP": "0.0.0.0", "containerPort": 80, "hostPort": 8080, "protocol": "tcp"}
    container = {"containerName": "app", "runtimeId": "r", "imageDigest": "sha256:0", "networkBindings": [binding]}
    times = {"pullStartedAt": plane.clock.time, "pullStoppedAt": plane.clock.time}
    plane.report(task.arn, "RUNNING", {**container, "status": "RUNNING"}, **times)
    ecs.describe_tasks(tasks=[task.arn], include=["TAGS"])
    ecs.describe_service_revisions(serviceRevisionArns=[revision["arn"]])
    plane.settle()
    ecs.update_service(service="web", forceNewDeployment=True)
    ecs.describe_services(services=["web", "ghost"], include=["TAGS"])
    instances = ecs.list_container_instances()["containerInstanceArns"]
    overrides = {"containerOverrides": [{"name": "app", "command": ["true"], "environment": []}]}
    started = ecs.start_task(taskDefinition="job", containerInstances=instances, overrides=overrides, startedBy="me")
    run = ecs.run_task(taskDefinition="job", count=10, startedBy="me")
    for one in (*started["tasks"], *run["tasks"]):
        plane.report(one["taskArn"], "RUNNING", executionStoppedAt=plane.clock.time, **times)
        plane.exit(one["taskArn"], 0)
        ecs.stop_task(task=one["taskArn"])
        ecs.describe_tasks(tasks=[one["taskArn"]])


def _look_around(plane: Plane) -> None:
    """What lies about the services: settings, capacity, attributes, protection, deployments, task sets."""
    ecs, tags = plane.ecs, [{"key": "team", "value": "a"}]
    root = "arn:aws:iam::123456789012:root"
    ecs.put_account_setting(name="containerInsights", value="enabled", principalArn=root)
    ecs.put_account_setting_default(name="serviceLongArnFormat", value="enabled")
    ecs.list_account_settings(effectiveSettings=True, maxResults=5)
    ecs.list_account_settings(principalArn=root)
    ecs.delete_account_setting(name="containerInsights", principalArn=root)
    [instance] = ecs.list_container_instances()["containerInstanceArns"]
    ecs.put_attributes(attributes=[{"name": "stack", "value": "prod", "targetId": instance}])
    ecs.list_attributes(targetType="container-instance", attributeName="stack", attributeValue="prod")
    _provide(ecs, tags)
    [task] = ecs.list_tasks(serviceName="web", maxResults=1)["taskArns"]
    ecs.update_task_protection(cluster="default", tasks=[task], protectionEnabled=True, expiresInMinutes=60)
    ecs.get_task_protection(cluster="default", tasks=[task])
    ecs.update_task_protection(cluster="default", tasks=[task], protectionEnabled=False)
    connect = {"enabled": True, "namespace": "service-connect"}
    ecs.create_service(
        serviceName="connected", taskDefinition="web", desiredCount=0, serviceConnectConfiguration=connect
    )
    ecs.list_services_by_namespace(namespace="service-connect", maxResults=1)
    ecs.create_service(serviceName="calm", taskDefinition="job", desiredCount=0)
    plane.run()
    for name in ("connected", "calm"):
        [listed] = ecs.list_service_deployments(service=name)["serviceDeployments"]
        ecs.describe_service_deployments(serviceDeploymentArns=[listed["serviceDeploymentArn"]])
        ecs.describe_service_revisions(serviceRevisionArns=[listed["targetServiceRevisionArn"]])
    _set_tasks(plane, tags)


def _provide(ecs: Any, tags: list[dict[str, str]]) -> None:
    group = "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:1b2c3d4e-0000-4000-8000-000000000001"
    provider = {
        "autoScalingGroupArn": f"{group}:autoScalingGroupName/hosts",
        "managedScaling": {"status": "ENABLED", "targetCapacity": 100},
        "managedTerminationProtection": "ENABLED",
        "managedDraining": "ENABLED",
    }
    ecs.create_capacity_provider(name="hosts", autoScalingGroupProvider=provider, tags=tags)
    item = {"capacityProvider": "hosts", "weight": 1, "base": 1}
    ecs.put_cluster_capacity_providers(
        cluster="default", capacityProviders=["hosts", "FARGATE"], defaultCapacityProviderStrategy=[item]
    )
    ecs.describe_capacity_providers(include=["TAGS"])
    ecs.describe_capacity_providers(capacityProviders=["hosts"], include=["TAGS"])
    ecs.describe_clusters(clusters=["default"], include=["ATTACHMENTS"])
    ecs.create_cluster(clusterName="hosted", capacityProviders=["hosts"], defaultCapacityProviderStrategy=[item])
    ecs.update_cluster(cluster="hosted", settings=[{"name": "containerInsights", "value": "disabled"}])
    ecs.delete_cluster(cluster="hosted")
    ecs.delete_capacity_provider(capacityProvider="hosts")
    ecs.put_cluster_capacity_providers(cluster="default", capacityProviders=[], defaultCapacityProviderStrategy=[])
    ecs.delete_capacity_provider(capacityProvider="hosts")


def _set_tasks(plane: Plane, tags: list[dict[str, str]]) -> None:
    ecs, whose = plane.ecs, {"cluster": "default", "service": "sets"}
    ecs.create_service(serviceName="sets", desiredCount=1, deploymentController={"type": "EXTERNAL"})
    made = ecs.create_task_set(**whose, taskDefinition="job", launchType="EC2", externalId="x", tags=tags)["taskSet"]
    other = ecs.create_task_set(**whose, taskDefinition="job", launchType="EC2")["taskSet"]
    full = {"value": 100, "unit": "PERCENT"}
    ecs.update_task_set(**whose, taskSet=made["id"], scale=full)
    ecs.update_service_primary_task_set(**whose, primaryTaskSet=made["id"])
    plane.obey()
    ecs.describe_task_sets(**whose, include=["TAGS"])
    ecs.describe_services(services=["sets"])
    ecs.delete_task_set(**whose, taskSet=other["id"], force=True)


def _wait(plane: Plane) -> None:
    """What is kept and shown although it waits for something that Podium does not have."""
    ecs, role = plane.ecs, "arn:aws:iam::123456789012:role/r"
    network = {"awsvpcConfiguration": {"subnets": [SUBNET], "securityGroups": [GROUP]}}
    mapped = {**CONTAINER, "portMappings": [{"containerPort": 80}]}
    on_fargate = {"networkMode": "awsvpc", "cpu": "256", "memory": "512"}
    for family, volume in (("net", {"host": {}}), ("disk", {"configuredAtLaunch": True})):
        bare = {name: value for name, value in mapped.items() if name != "logConfiguration"}
        ecs.register_task_definition(
            family=family, containerDefinitions=[bare], volumes=[{"name": "v", **volume}], **on_fargate
        )
    disk = {"roleArn": role, "sizeInGiB": 100, "volumeType": "gp3", "iops": 3000, "throughput": 125}
    volumes = [{"name": "v", "managedEBSVolume": {**disk, "filesystemType": "ext4"}}]
    item = [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}]
    ecs.create_cluster(clusterName="far", capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=item)
    ecs.update_cluster(cluster="far", settings=[{"name": "containerInsights", "value": "disabled"}])
    where = {"cluster": "far", "networkConfiguration": network}
    plane.serve_fargate()
    [task] = ecs.run_task(**where, taskDefinition="net")["tasks"]
    ecs.describe_tasks(cluster="far", tasks=[task["taskArn"]])
    ecs.create_service(
        **where,
        serviceName="disk",
        taskDefinition="disk",
        desiredCount=1,
        launchType="FARGATE",
        volumeConfigurations=volumes,
    )
    alarms = {"alarmNames": ["a"], "enable": True, "rollback": True}
    plane.client("cloudwatch").put_metric_alarm(
        AlarmName="a",
        Namespace="N",
        MetricName="M",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    ecs.update_service(cluster="far", service="disk", deploymentConfiguration={"alarms": alarms})
    shared = ecs.create_service(**where, serviceName="shared", taskDefinition="net", desiredCount=1)["service"]
    ecs.update_service(cluster="far", service="shared", forceNewDeployment=True)
    revisions = [revision["arn"] for revision in shared["currentServiceRevisions"]]
    ecs.describe_service_revisions(serviceRevisionArns=revisions)
    classic = {"loadBalancerName": "lb", "containerName": "app", "containerPort": 80}
    ecs.create_service(serviceName="classic", taskDefinition="web", desiredCount=1, loadBalancers=[classic], role="r")
    _set_tasks_on_fargate(plane, network)


def _set_tasks_on_fargate(plane: Plane, network: dict[str, Any]) -> None:
    ecs, whose = plane.ecs, {"cluster": "far", "service": "sets"}
    ecs.create_service(
        cluster="far",
        serviceName="sets",
        desiredCount=1,
        launchType="FARGATE",
        deploymentController={"type": "EXTERNAL"},
    )
    made = ecs.create_task_set(**whose, taskDefinition="net", networkConfiguration=network)["taskSet"]
    ecs.update_task_set(**whose, taskSet=made["id"], scale={"value": 100, "unit": "PERCENT"})
    ecs.update_service_primary_task_set(**whose, primaryTaskSet=made["id"])
    ecs.describe_task_sets(**whose)
    ecs.delete_task_set(**whose, taskSet=made["id"], force=True)
