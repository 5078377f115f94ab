"""What ECS's operations ask to be allowed: resources, condition keys, tags at creation, roles that are passed."""

from typing import Any

import pytest

from inprocess import ACCOUNT, OTHER_SUBNET, REGION, SUBNET, Plane, refused
from people import Key, allow, permit, role, role_arn, trust, user, user_arn
from podium.ecs.access import RULES
from podium.wire.model import service_model

ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
CONTAINER = {"name": "app", "image": "web:1", "memory": 128}


@pytest.fixture
def ann(plane: Plane) -> Key:
    return user(plane, "ann")


@pytest.fixture
def as_ann(plane: Plane, ann: Key) -> Any:
    return plane.client("ecs", key=ann)


def denied(action: str, resource: str) -> Any:
    sentence = f"User: {user_arn('ann')} is not authorized to perform: {action} on resource: {resource} "
    return refused("AccessDeniedException", sentence + f"because no identity-based policy allows the {action} action")


def test_every_operation_of_ecs_has_a_rule() -> None:
    assert set(RULES) == set(service_model("ecs").operation_names)


def test_a_task_is_run_of_a_definition_in_a_cluster(plane: Plane, as_ann: Any) -> None:
    plane.ready()
    in_default = {"ArnEquals": {"ecs:cluster": f"{ECS}:cluster/default"}}
    permit(plane, "ann", allow("ecs:RunTask", f"{ECS}:task-definition/web:*", Condition=in_default))
    assert as_ann.run_task(taskDefinition="web")["tasks"]
    plane.define("other")
    with denied("ecs:RunTask", f"{ECS}:task-definition/other:1"):
        as_ann.run_task(taskDefinition="other")
    plane.ecs.create_cluster(clusterName="prod")
    with denied("ecs:RunTask", f"{ECS}:task-definition/web:1"):
        as_ann.run_task(taskDefinition="web", cluster="prod")


def test_every_resource_that_is_named_must_be_allowed(plane: Plane, as_ann: Any) -> None:
    permit(plane, "ann", allow("ecs:DescribeClusters", f"{ECS}:cluster/a*"))
    assert as_ann.describe_clusters(clusters=["a", "ab"])["failures"]
    with denied("ecs:DescribeClusters", f"{ECS}:cluster/b"):
        as_ann.describe_clusters(clusters=["a", "b"])
    with denied("ecs:DescribeClusters", f"{ECS}:cluster/default"):
        as_ann.describe_clusters()


@pytest.mark.parametrize(
    ("operation", "members", "resource"),
    [
        ("describe_services", {"services": ["web"]}, "service/default/web"),
        ("describe_services", {"services": [f"{ECS}:service/web"], "cluster": "c"}, "service/c/web"),
        ("update_service", {"service": f"{ECS}:service/c/web", "cluster": "c"}, "service/c/web"),
        ("describe_tasks", {"tasks": ["0" * 32], "cluster": f"{ECS}:cluster/c"}, f"task/c/{'0' * 32}"),
        ("list_tasks", {"containerInstance": "1" * 32}, f"container-instance/default/{'1' * 32}"),
        ("list_container_instances", {"cluster": "c"}, "cluster/c"),
        ("register_task_definition", {"family": "web", "containerDefinitions": [CONTAINER]}, "task-definition/web:*"),
        ("delete_task_definitions", {"taskDefinitions": ["web:3"]}, "task-definition/web:3"),
        ("tag_resource", {"resourceArn": f"{ECS}:cluster/c", "tags": []}, "cluster/c"),
        ("deregister_container_instance", {"containerInstance": "1" * 32}, "cluster/default"),
        (
            "put_attributes",
            {"attributes": [{"name": "a", "targetId": "1" * 32}]},
            f"container-instance/default/{'1' * 32}",
        ),
        (
            "describe_service_deployments",
            {"serviceDeploymentArns": [f"{ECS}:service-deployment/c/web/abc"]},
            "service/c/web",
        ),
        ("delete_task_set", {"cluster": "c", "service": "web", "taskSet": "ecs-svc/1"}, "task-set/c/web/ecs-svc/1"),
        ("delete_capacity_provider", {"capacityProvider": "mine"}, "capacity-provider/mine"),
    ],
)
def test_names_ids_and_arns_mean_the_same_resource(
    as_ann: Any, operation: str, members: dict[str, Any], resource: str
) -> None:
    action = "".join(word.capitalize() for word in operation.split("_"))
    with denied(f"ecs:{action}", f"{ECS}:{resource}"):
        getattr(as_ann, operation)(**members)


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("list_clusters", {}),
        ("list_services", {}),
        ("list_tasks", {}),
        ("describe_task_definition", {"taskDefinition": "web"}),
        ("deregister_task_definition", {"taskDefinition": "web:1"}),
        ("describe_services", {"services": []}),
    ],
)
def test_who_names_no_resource_asks_for_everything(as_ann: Any, operation: str, members: dict[str, Any]) -> None:
    action = "".join(word.capitalize() for word in operation.split("_"))
    with denied(f"ecs:{action}", "*"):
        getattr(as_ann, operation)(**members)


def test_tags_of_a_resource_are_conditions(plane: Plane, as_ann: Any) -> None:
    for name in ("web", "db"):
        plane.ecs.create_cluster(clusterName=name, tags=[{"key": "team", "value": name}])
    permit(plane, "ann", allow("ecs:*", Condition={"StringEquals": {"aws:ResourceTag/team": "web"}}))
    as_ann.update_cluster_settings(cluster="web", settings=[{"name": "containerInsights", "value": "enabled"}])
    with denied("ecs:DeleteCluster", f"{ECS}:cluster/db"):
        as_ann.delete_cluster(cluster="db")
    as_ann.delete_cluster(cluster="web")


def test_tags_at_creation_need_leave_to_tag(plane: Plane, as_ann: Any) -> None:
    tags = [{"key": "team", "value": "web"}]
    permit(plane, "ann", allow("ecs:CreateCluster"))
    as_ann.create_cluster(clusterName="plain")
    with denied("ecs:TagResource", f"{ECS}:cluster/tagged"):
        as_ann.create_cluster(clusterName="tagged", tags=tags)
    creating = {"StringEquals": {"ecs:CreateAction": "CreateCluster"}}
    permit(plane, "ann", allow("ecs:CreateCluster"), allow("ecs:TagResource", Condition=creating))
    as_ann.create_cluster(clusterName="tagged", tags=tags)
    with denied("ecs:TagResource", f"{ECS}:cluster/plain"):
        as_ann.tag_resource(resourceArn=f"{ECS}:cluster/plain", tags=tags)


def test_tags_of_a_request_are_conditions(plane: Plane, as_ann: Any) -> None:
    only = {"StringEquals": {"aws:RequestTag/team": "web"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    permit(plane, "ann", allow(["ecs:CreateCluster", "ecs:TagResource"], Condition=only))
    with denied("ecs:CreateCluster", f"{ECS}:cluster/a"):
        as_ann.create_cluster(clusterName="a")
    with denied("ecs:CreateCluster", f"{ECS}:cluster/a"):
        tags = [{"key": "team", "value": "web"}, {"key": "more", "value": ""}]
        as_ann.create_cluster(clusterName="a", tags=tags)
    as_ann.create_cluster(clusterName="a", tags=[{"key": "team", "value": "web"}])


def test_a_definitions_roles_are_passed_to_tasks(plane: Plane, as_ann: Any) -> None:
    task = role(plane, "task", trust("ecs-tasks.amazonaws.com"))
    execution = role(plane, "execution", trust("ecs-tasks.amazonaws.com"))
    given = {"family": "web", "containerDefinitions": [CONTAINER], "taskRoleArn": task, "executionRoleArn": execution}
    permit(plane, "ann", allow("ecs:*"))
    with denied("iam:PassRole", task):
        as_ann.register_task_definition(**given)
    to_tasks = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    permit(plane, "ann", allow("ecs:*"), allow("iam:PassRole", task, Condition=to_tasks))
    with denied("iam:PassRole", execution):
        as_ann.register_task_definition(**given)
    permit(plane, "ann", allow("ecs:*"), allow("iam:PassRole", role_arn("*"), Condition=to_tasks))
    as_ann.register_task_definition(**given)


def test_running_a_task_passes_its_roles_and_those_that_override_them(plane: Plane, as_ann: Any) -> None:
    plane.ecs.create_cluster()
    plane.define("web", taskRoleArn=role_arn("task"))
    permit(plane, "ann", allow("ecs:*"))
    with denied("iam:PassRole", role_arn("task")):
        as_ann.run_task(taskDefinition="web")
    with denied("iam:PassRole", role_arn("other")):
        as_ann.run_task(taskDefinition="web", overrides={"taskRoleArn": role_arn("other")})


@pytest.mark.parametrize(
    "member",
    [
        {"role": "ecsServiceRole"},
        {"role": role_arn("ecsServiceRole")},
        {"volumeConfigurations": [{"name": "v", "managedEBSVolume": {"roleArn": role_arn("ecsServiceRole")}}]},
        {"loadBalancers": [{"advancedConfiguration": {"roleArn": role_arn("ecsServiceRole")}}]},
        {"vpcLatticeConfigurations": [{"roleArn": role_arn("ecsServiceRole")}]},
        {
            "serviceConnectConfiguration": {
                "enabled": True,
                "services": [{"tls": {"roleArn": role_arn("ecsServiceRole")}}],
            }
        },
        {"deploymentConfiguration": {"lifecycleHooks": [{"roleArn": role_arn("ecsServiceRole")}]}},
    ],
)
def test_whatever_role_a_service_is_given_is_passed_to_ecs(plane: Plane, as_ann: Any, member: dict[str, Any]) -> None:
    permit(
        plane,
        "ann",
        allow("ecs:*"),
        allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}),
    )
    ask = "iam:PassRole", role_arn("ecsServiceRole")
    service_connect = member.get("serviceConnectConfiguration")
    if service_connect:
        service_connect["services"][0].update(portName="http")
        service_connect["services"][0]["tls"]["issuerCertificateAuthority"] = {}
    for lattice in member.get("vpcLatticeConfigurations", ()):
        lattice.update(targetGroupArn="arn:aws:vpc-lattice:us-east-1:1:targetgroup/a", portName="http")
    with denied(*ask):
        as_ann.create_service(serviceName="web", taskDefinition="web", desiredCount=1, **member)


CONDITIONS = [
    ("ecs:enable-execute-command", "false", {"enableExecuteCommand": False}, {"enableExecuteCommand": True}),
    ("ecs:propagate-tags", "SERVICE", {"propagateTags": "SERVICE"}, {"propagateTags": "NONE"}),
    ("ecs:enable-ecs-managed-tags", "true", {"enableECSManagedTags": True}, {"enableECSManagedTags": False}),
    (
        "ecs:enable-ebs-volumes",
        "false",
        {},
        {"volumeConfigurations": [{"name": "v", "managedEBSVolume": {"roleArn": "x"}}]},
    ),
    (
        "ecs:enable-service-connect",
        "false",
        {"serviceConnectConfiguration": {"enabled": False}},
        {"serviceConnectConfiguration": {"enabled": True}},
    ),
    (
        "ecs:subnet",
        SUBNET,
        {"networkConfiguration": {"awsvpcConfiguration": {"subnets": [SUBNET]}}},
        {"networkConfiguration": {"awsvpcConfiguration": {"subnets": [OTHER_SUBNET]}}},
    ),
    (
        "ecs:auto-assign-public-ip",
        "false",
        {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["s"], "assignPublicIp": "DISABLED"}}},
        {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["s"], "assignPublicIp": "ENABLED"}}},
    ),
    ("ecs:task-definition", f"{ECS}:task-definition/web:1", {}, {"taskDefinition": "web:2"}),
    ("ecs:cluster", f"{ECS}:cluster/default", {}, {"cluster": "prod"}),
]


@pytest.mark.parametrize(("key", "value", "fits", "differs"), CONDITIONS)
def test_a_services_settings_are_conditions(
    plane: Plane, as_ann: Any, key: str, value: str, fits: dict[str, Any], differs: dict[str, Any]
) -> None:
    permit(plane, "ann", allow(["ecs:CreateService", "iam:PassRole"], Condition={"StringEquals": {key: value}}))
    given = {"serviceName": "web", "taskDefinition": "web:1", "desiredCount": 1}
    where = differs.get("cluster", "default")
    with denied("ecs:CreateService", f"{ECS}:service/{where}/web"):
        as_ann.create_service(**{**given, **differs})
    with refused("ClusterNotFoundException"):
        as_ann.create_service(**{**given, **fits})


def test_a_definitions_shape_is_a_condition(plane: Plane, as_ann: Any) -> None:
    small = {
        "Bool": {"ecs:privileged": "false"},
        "NumericLessThanEquals": {"ecs:task-cpu": "512", "ecs:task-memory": "1024"},
        "ForAllValues:StringEquals": {"ecs:compute-compatibility": ["EC2"]},
    }
    permit(plane, "ann", allow("ecs:RegisterTaskDefinition", Condition=small))
    given = {"family": "web", "containerDefinitions": [CONTAINER], "cpu": "0.5 vCPU", "memory": "1 GB"}
    as_ann.register_task_definition(**given, requiresCompatibilities=["EC2"])
    for changed in (
        {"cpu": "1 vCPU"},
        {"memory": "2048"},
        {"containerDefinitions": [{**CONTAINER, "privileged": True}]},
        {"requiresCompatibilities": ["EC2", "EXTERNAL"]},
    ):
        with denied("ecs:RegisterTaskDefinition", f"{ECS}:task-definition/web:*"):
            as_ann.register_task_definition(**{**given, **changed})


def test_account_settings_are_told_apart(plane: Plane, as_ann: Any) -> None:
    only = {"StringEquals": {"ecs:account-setting": "containerInsights"}}
    permit(plane, "ann", allow("ecs:PutAccountSetting", Condition=only))
    with denied("ecs:PutAccountSetting", "*"):
        as_ann.put_account_setting(name="taskLongArnFormat", value="enabled")


def test_the_first_cluster_makes_the_service_linked_role_if_its_maker_may(plane: Plane, as_ann: Any) -> None:
    permit(plane, "ann", allow("ecs:*"))
    as_ann.create_cluster()
    assert plane.client("iam").list_roles()["Roles"] == []
    of_ecs = {"StringLike": {"iam:AWSServiceName": "ecs.amazonaws.com"}}
    permit(plane, "ann", allow("ecs:*"), allow("iam:CreateServiceLinkedRole", Condition=of_ecs))
    as_ann.create_cluster(clusterName="second")
    assert [r["RoleName"] for r in plane.client("iam").list_roles()["Roles"]] == ["AWSServiceRoleForECS"]
