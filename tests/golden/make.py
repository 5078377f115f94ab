"""Makes tests/golden/format-<n>-<stage>/podium.db: the data directory of a Podium that has lived a little.

Run it once for every new format number and whenever there are new kinds of records, with a stage of its
own, and never again for an old one: later versions must go on opening what earlier ones wrote.
`format-1` was made before services had deployments and revisions of their own, and before IAM.
`PYTHONPATH=src:tests .venv/bin/python tests/golden/make.py STAGE`
"""

import json
import sys
from pathlib import Path
from typing import Any

from inprocess import BEGINNING, Plane
from parity.cases import companions  # noqa: F401  (more givens)
from parity.cases.givens import GIVENS, Scene
from people import allow, role, session, trust, user
from podium import ec2
from podium.ecs.acs import links
from podium.store.database import FORMAT
from podium.store.session import Transaction
from podium.store.sqlite import SqliteDatabase

HERE = Path(__file__).parent
NETWORK = "aws:us-east-1:123456789012"
LOST = "arn:aws:ecs:us-east-1:123456789012:task/default/" + "f" * 32


def main() -> None:
    path = HERE / f"format-{FORMAT}-{sys.argv[1]}" / "podium.db"
    assert not path.exists(), f"{path} is there; what was released does not change"
    path.parent.mkdir()
    plane = Plane(database=SqliteDatabase(path), events=True)
    live(plane)
    live_wider(plane)
    live_on_a_network(plane)
    live_waiting(plane)
    live_watched(plane)
    live_with_traffic(plane)
    live_found(plane)
    live_with_companions(plane)
    live_with_a_session(plane)
    live_with_secrets(plane)
    live_with_logs(plane)
    live_with_daemons(plane)
    plane.database.close()  # folds the log into the one file
    print(path, path.stat().st_size)  # noqa: T201


def live(plane: Plane) -> None:
    """Every kind of record, some with all their members, some with few."""
    plane.ecs.create_cluster(
        clusterName="default",
        tags=[{"key": "team", "value": "größe"}],
        settings=[{"name": "containerInsights", "value": "enabled"}],
        configuration={"executeCommandConfiguration": {"logging": "DEFAULT"}},
        serviceConnectDefaults={"namespace": "internal"},
    )
    plane.ecs.create_cluster(clusterName="gone")
    plane.ecs.delete_cluster(cluster="gone")
    instance, *_ = plane.join(instances=3)
    plane.ecs.put_attributes(attributes=[{"name": "stack", "value": "prod", "targetId": instance}])
    check = {"healthCheck": {"command": ["CMD", "true"]}, "portMappings": [{"containerPort": 80, "hostPort": 8080}]}
    plane.define("web", check, {"name": "side", "essential": False, "memoryReservation": 32})
    plane.define("web", {"environment": [{"name": "A", "value": "1"}]}, cpu="256", memory="512")
    plane.define("old")
    plane.ecs.deregister_task_definition(taskDefinition="old:1")
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    plane.serve("web", desired=2, deploymentConfiguration=breaker, tags=[{"key": "a", "value": "1"}])
    plane.settle()
    plane.ecs.update_service(service="web", forceNewDeployment=True)
    plane.run()
    plane.serve("gone", desired=0, taskDefinition="web")
    plane.ecs.delete_service(service="gone")
    plane.run()
    job = plane.ecs.run_task(
        taskDefinition="web:1",
        startedBy="me",
        clientToken="once",
        overrides={"containerOverrides": [{"name": "app", "command": ["true"]}]},
    )
    plane.report(job["tasks"][0]["taskArn"], "RUNNING", {"containerName": "app", "status": "RUNNING", "runtimeId": "r"})
    plane.exit(job["tasks"][0]["taskArn"], 3)
    plane.write(lambda tx: links.stops_meant(tx, instance, [{"taskArn": LOST}], BEGINNING))


def live_wider(plane: Plane) -> None:
    """What the whole API leaves behind."""
    ecs, whose = plane.ecs, {"cluster": "default", "service": "sets"}
    ecs.put_account_setting(name="containerInsights", value="enhanced")
    group = "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:1b2c3d4e-0000-4000-8000-000000000001"
    scaled = {"status": "ENABLED"}
    provider = {"autoScalingGroupArn": f"{group}:autoScalingGroupName/hosts", "managedScaling": scaled}
    ecs.create_capacity_provider(name="hosts", autoScalingGroupProvider=provider)
    ecs.create_service(serviceName="sets", desiredCount=1, deploymentController={"type": "EXTERNAL"})
    ecs.create_task_set(**whose, taskDefinition=plane.define("sets"), launchType="EC2")
    [task, *_] = ecs.list_tasks(startedBy=plane.service().primary.id)["taskArns"]
    ecs.update_task_protection(cluster="default", tasks=[task], protectionEnabled=True, expiresInMinutes=60)
    _live_with_managed_capacity(plane)
    iam = plane.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    reads = {"Effect": "Allow", "Action": "ecs:Describe*", "Resource": "*"}
    iam.create_user(UserName="ann", Tags=[{"Key": "team", "Value": "größe"}])
    iam.create_access_key(UserName="ann")
    iam.create_group(GroupName="team")
    iam.add_user_to_group(UserName="ann", GroupName="team")
    iam.create_role(RoleName="task", AssumeRolePolicyDocument=_document(trust))
    policy = iam.create_policy(PolicyName="reads", PolicyDocument=_document(reads))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ann", PolicyArn=policy)
    iam.put_role_policy(RoleName="task", PolicyName="reads", PolicyDocument=_document(reads))
    iam.create_instance_profile(InstanceProfileName="host")
    iam.create_account_alias(AccountAlias="golden")
    iam.delete_service_linked_role(RoleName="AWSServiceRoleForECS")


def live_with_daemons(plane: Plane) -> None:
    """Every instance keeps room for one."""
    plane.define("log")
    plane.ecs.create_service(serviceName="log", taskDefinition="log", schedulingStrategy="DAEMON")
    plane.run()


def _live_with_managed_capacity(plane: Plane) -> None:
    """What nothing runs on: kept all the same."""
    ecs, home = plane.ecs, "arn:aws:ecs:us-east-1:123456789012"
    role = "arn:aws:iam::123456789012:role/r"
    template = {
        "ec2InstanceProfileArn": "arn:aws:iam::123456789012:instance-profile/p",
        "networkConfiguration": {"subnets": ["subnet-1"]},
    }
    managed = {"infrastructureRoleArn": role, "instanceLaunchTemplate": template}
    ecs.create_capacity_provider(name="mi", cluster="default", managedInstancesProvider=managed)
    container = {"name": "agent", "image": "agent:1", "memory": 64}
    definition = ecs.register_daemon_task_definition(family="agent", containerDefinitions=[container])
    ecs.create_daemon(
        daemonName="agent",
        daemonTaskDefinitionArn=definition["daemonTaskDefinitionArn"],
        capacityProviderArns=[f"{home}:capacity-provider/mi"],
        clusterArn=f"{home}:cluster/default",
    )
    ecs.create_gateway(name="g", infrastructureRoleArn=role, configuration={"hostSharedAlb": {}})
    ecs.associate_gateway_with_cluster(gateway="g", cluster="default")
    ecs.create_express_gateway_service(
        serviceName="express",
        infrastructureRoleArn=role,
        executionRoleArn=role,
        primaryContainer={"image": "web:2"},
    )
    plane.run()


def live_waiting(plane: Plane) -> None:
    """A task that waits for an instance of its capacity provider."""
    strategy = [{"capacityProvider": "hosts", "weight": 1}]
    plane.ecs.create_cluster(clusterName="waits", capacityProviders=["hosts"], defaultCapacityProviderStrategy=strategy)
    plane.ecs.run_task(cluster="waits", taskDefinition="web")
    plane.run()


def live_on_a_network(plane: Plane) -> None:
    """The default network, changed, with an interface in it and an address that was given back."""

    def made(tx: Transaction) -> None:
        subnet = ec2.default_subnets(tx, NETWORK)[0]
        for _ in range(2):
            made = ec2.create_interface(tx, NETWORK, plane.ids, BEGINNING, subnet_id=subnet.id, tags={"a": "1"})
        ec2.attach_interface(tx, NETWORK, plane.ids, BEGINNING, interface_id=made.id, instance_id="i-0123456789abcdef0")
        first = tx.list(ec2.NetworkInterface, home=NETWORK)[0]
        ec2.release_interface(tx, NETWORK, first.id)

    plane.write(made)
    client = plane.client("ec2")
    address = client.allocate_address()["AllocationId"]
    subnet = client.describe_subnets()["Subnets"][0]["SubnetId"]
    client.create_nat_gateway(SubnetId=subnet, AllocationId=address, ClientToken="once")
    client.create_tags(Resources=[subnet, address], Tags=[{"Key": "team", "Value": "größe"}])


def live_watched(plane: Plane) -> None:
    """An alarm that was detected, and a deployment that it ended."""
    plane.client("cloudwatch").put_metric_alarm(
        AlarmName="cpu",
        Namespace="AWS/ECS",
        MetricName="CPUUtilization",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=2,
        Threshold=80.0,
        ComparisonOperator="GreaterThanThreshold",
        Tags=[{"Key": "team", "Value": "größe"}],
    )
    alarms = {"alarmNames": ["cpu"], "enable": True, "rollback": False}
    plane.serve("watched", desired=1, taskDefinition="web", deploymentConfiguration={"alarms": alarms})
    plane.client("cloudwatch").set_alarm_state(AlarmName="cpu", StateValue="ALARM", StateReason="a test")
    plane.run()


def live_with_traffic(plane: Plane) -> None:
    """A load balancer with all that belongs to it, and certificates."""
    GIVENS["balancer"](scene := Scene(plane))
    elb, words = plane.client("elbv2"), scene.words
    tags = [{"Key": "team", "Value": "größe"}]
    elb.add_tags(ResourceArns=[words["balancer"], words["targets"], words["listener"], words["rule"]], Tags=tags)
    delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "20"}]
    elb.modify_target_group_attributes(TargetGroupArn=words["targets"], Attributes=delay)
    fixed = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": "ok"}}]
    secured = {"Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": words["certificate"]}]}
    elb.create_listener(LoadBalancerArn=words["balancer"], DefaultActions=fixed, **secured)
    plane.run()


def live_found(plane: Plane) -> None:
    """Namespaces of each kind, and a service whose one instance is ill."""
    cloudmap = plane.client("servicediscovery")
    vpc = plane.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    done = cloudmap.create_private_dns_namespace(Name="local", Vpc=vpc, Description="größe")["OperationId"]
    namespace = cloudmap.get_operation(OperationId=done)["Operation"]["Targets"]["NAMESPACE"]
    cloudmap.create_public_dns_namespace(
        Name="example.com", Properties={"DnsProperties": {"SOA": {"TTL": 60}}}, Tags=[{"Key": "team", "Value": "größe"}]
    )
    cloudmap.create_http_namespace(Name="apps")
    service = cloudmap.create_service(
        Name="web",
        NamespaceId=namespace,
        DnsConfig={"DnsRecords": [{"Type": "A", "TTL": 10}, {"Type": "AAAA", "TTL": 20}]},
        HealthCheckCustomConfig={"FailureThreshold": 1},
        Tags=[{"Key": "team", "Value": "größe"}],
    )["Service"]["Id"]
    cloudmap.update_service_attributes(ServiceId=service, Attributes={"tier": "1"})
    at = {"AWS_INSTANCE_IPV4": "10.0.0.1", "AWS_INSTANCE_IPV6": "fd00::1", "color": "red"}
    cloudmap.register_instance(ServiceId=service, InstanceId="one", Attributes=at)
    cloudmap.update_instance_custom_health_status(ServiceId=service, InstanceId="one", Status="UNHEALTHY")


def live_with_companions(plane: Plane) -> None:
    """A service that is scaled, its images, logs, rules and schedules, and a dashboard."""
    scene = Scene(plane)
    for word in ("scalable", "repository", "logs", "rules", "schedules", "dashboard"):
        GIVENS[word](scene)
    web = {"ServiceNamespace": "ecs", "ResourceId": "service/default/web"}
    scalable = {**web, "ScalableDimension": "ecs:service:DesiredCount"}
    for low, high in ((3, 10), (1, 2)):  # nobody has looked in between: the service is as it was
        plane.client("application-autoscaling").register_scalable_target(**scalable, MinCapacity=low, MaxCapacity=high)
    plane.run()


def live_with_a_session(plane: Plane) -> None:
    """Of ECS Exec, granted to somebody who assumed a role, and not begun yet."""
    plane.ecs.create_cluster(clusterName="exec")
    plane.join(
        "exec", instances=1, attributes={"podium.sessions": "true", "com.amazonaws.ecs.capability.task-iam-role": ""}
    )
    plane.define("shell", taskRoleArn=role(plane, "app", trust("ecs-tasks.amazonaws.com")))
    [task] = plane.ecs.run_task(cluster="exec", taskDefinition="shell", enableExecuteCommand=True)["tasks"]
    plane.obey()
    agent = {"containerName": "app", "managedAgentName": "ExecuteCommandAgent", "status": "RUNNING"}
    plane.report(task["taskArn"], "RUNNING", managedAgents=[agent])
    helper = role(plane, "helper", trust("arn:aws:iam::123456789012:root"), allow("ecs:ExecuteCommand"))
    key = session(plane, user(plane, "bob", allow("sts:AssumeRole")), helper)
    plane.client("ecs", key=key).execute_command(cluster="exec", task=task["taskArn"], command="sh", interactive=True)


def live_with_secrets(plane: Plane) -> None:
    """Parameters and secrets under a key of the account's own, one that is under AWS's, and one that is rotated."""
    scene = Scene(plane)
    for word in ("keys", "parameters", "secrets"):
        GIVENS[word](scene)
    plane.front.hooks = _hooks
    function = "arn:aws:lambda:us-east-1:123456789012:function:renew"
    plane.client("secretsmanager").rotate_secret(
        SecretId="web/db", RotationLambdaARN=function, RotationRules={"ScheduleExpression": "cron(0 8 ? * SUN *)"}
    )
    plane.run()


async def _hooks() -> dict[str, str]:
    return {"renew": ""}


def live_with_logs(plane: Plane) -> None:
    """Filters of a log group, and a bucket with a policy."""
    logs, s3 = plane.client("logs"), plane.client("s3")
    logs.create_log_group(logGroupName="/golden")
    change = {"metricName": "Errors", "metricNamespace": "Golden", "metricValue": "1"}
    logs.put_metric_filter(
        logGroupName="/golden", filterName="errors", filterPattern="ERROR", metricTransformations=[change]
    )
    arn = "arn:aws:lambda:us-east-1:123456789012:function:reads"
    logs.put_subscription_filter(logGroupName="/golden", filterName="all", filterPattern="", destinationArn=arn)
    s3.create_bucket(Bucket="golden")
    s3.put_bucket_tagging(Bucket="golden", Tagging={"TagSet": [{"Key": "team", "Value": "web"}]})
    everybody = allow("s3:GetObject", "arn:aws:s3:::golden/*") | {"Principal": "*"}
    s3.put_bucket_policy(Bucket="golden", Policy=json.dumps({"Version": "2012-10-17", "Statement": [everybody]}))


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


if __name__ == "__main__":
    main()
