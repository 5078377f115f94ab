"""Daemons and their task definitions. No instance can run them yet, and their deployments say so."""

from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane, refused

HOME = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
INVALID, CLIENT = "InvalidParameterException", "ClientException"
AGENT = {"name": "agent", "image": "agent:1", "memory": 64}
MANAGED = {
    "infrastructureRoleArn": f"arn:aws:iam::{ACCOUNT}:role/r",
    "instanceLaunchTemplate": {
        "ec2InstanceProfileArn": f"arn:aws:iam::{ACCOUNT}:instance-profile/p",
        "networkConfiguration": {"subnets": ["subnet-1"]},
    },
}


@pytest.fixture
def ecs(plane: Plane) -> Any:
    plane.ecs.create_cluster(clusterName="c")
    plane.ecs.create_capacity_provider(name="mi", cluster="c", managedInstancesProvider=MANAGED)
    return plane.ecs


def define(ecs: Any, family: str = "agent", **members: Any) -> str:
    given = {"containerDefinitions": [AGENT], **members}
    return str(ecs.register_daemon_task_definition(family=family, **given)["daemonTaskDefinitionArn"])


def create(ecs: Any, name: str = "agent", definition: str = "agent", **members: Any) -> dict[str, Any]:
    given = {"capacityProviderArns": [f"{HOME}:capacity-provider/mi"], "clusterArn": f"{HOME}:cluster/c", **members}
    return dict(ecs.create_daemon(daemonName=name, daemonTaskDefinitionArn=definition, **given))


def test_a_definition_is_kept_with_its_defaults_and_without_what_daemons_lack(ecs: Any) -> None:
    arn = define(ecs, volumes=[{"name": "logs", "logDriverVolumeConfiguration": {"driver": "json-file"}}])
    assert arn == f"{HOME}:daemon-task-definition/agent:1"
    shown = ecs.describe_daemon_task_definition(daemonTaskDefinition="agent")["daemonTaskDefinition"]
    assert (shown["status"], shown["pidMode"], shown["ipcMode"]) == ("ACTIVE", "none", "none")
    [container] = shown["containerDefinitions"]
    assert container == {
        **AGENT, "cpu": 0, "essential": True, "environment": [], "mountPoints": [], "systemControls": []
    }  # fmt: skip
    assert shown["volumes"] == [{"name": "logs", "logDriverVolumeConfiguration": {"driver": "json-file"}}]


def test_revisions_rise_and_are_never_used_again(plane: Plane, ecs: Any) -> None:
    define(ecs)
    second = define(ecs)
    ecs.delete_daemon_task_definition(daemonTaskDefinition=second)
    plane.run()
    assert define(ecs).endswith(":3")
    shown = ecs.describe_daemon_task_definition(daemonTaskDefinition=second)["daemonTaskDefinition"]
    assert shown["status"] == "DELETED"


@pytest.mark.parametrize(
    ("code", "members"),
    [
        (CLIENT, {"containerDefinitions": []}),
        (CLIENT, {"containerDefinitions": [{**AGENT, "essential": False}]}),
        (CLIENT, {"family": "a b"}),
        (INVALID, {"pidMode": "host"}),
        (CLIENT, {"volumes": [{"name": "v", "logDriverVolumeConfiguration": {"driver": "awslogs"}}]}),
    ],
)
def test_a_definition_that_cannot_be_is_refused(ecs: Any, code: str, members: dict[str, Any]) -> None:
    with refused(code):
        ecs.register_daemon_task_definition(**{"family": "agent", "containerDefinitions": [AGENT], **members})


def test_definitions_are_listed_by_family_status_and_order(ecs: Any) -> None:
    arns = [define(ecs), define(ecs), define(ecs, "other")]
    listed = ecs.list_daemon_task_definitions()["daemonTaskDefinitions"]
    assert [d["arn"] for d in listed] == arns
    listed = ecs.list_daemon_task_definitions(family="agent", sort="DESC")["daemonTaskDefinitions"]
    assert [d["arn"] for d in listed] == [arns[1], arns[0]]
    listed = ecs.list_daemon_task_definitions(revision="LAST_REGISTERED")["daemonTaskDefinitions"]
    assert [d["arn"] for d in listed] == [arns[1], arns[2]]
    assert ecs.list_daemon_task_definitions(status="DELETE_IN_PROGRESS")["daemonTaskDefinitions"] == []


def test_a_daemons_deployment_stays_pending_and_names_what_is_missing(plane: Plane, ecs: Any) -> None:
    define(ecs)
    made = create(ecs)
    plane.settle()
    assert made["daemonArn"] == f"{HOME}:daemon/c/agent"
    [deployment] = ecs.describe_daemon_deployments(daemonDeploymentArns=[made["deploymentArn"]])["daemonDeployments"]
    assert (deployment["status"], "Managed Instances" in deployment["statusReason"]) == ("PENDING", True)
    shown = ecs.describe_daemon(daemonArn=made["daemonArn"])["daemon"]
    [revision] = shown["currentRevisions"]
    assert revision["totalRunningCount"] == 0
    [revision] = ecs.describe_daemon_revisions(daemonRevisionArns=[revision["arn"]])["daemonRevisions"]
    assert revision["containerImages"] == [{"containerName": "agent", "image": "agent:1"}]
    assert (revision["critical"], revision["propagateTags"]) == (True, "NONE")


def test_an_update_begins_a_deployment_and_stops_the_last(ecs: Any) -> None:
    define(ecs)
    made = create(ecs, critical=False)
    newer = define(ecs)
    told = ecs.update_daemon(daemonArn=made["daemonArn"], daemonTaskDefinitionArn=newer, capacityProviderArns=["mi"])
    listed = ecs.list_daemon_deployments(daemonArn=made["daemonArn"])["daemonDeployments"]
    assert {d["daemonDeploymentArn"]: d["status"] for d in listed} == {
        told["deploymentArn"]: "PENDING",
        made["deploymentArn"]: "STOPPED",
    }
    [revision] = ecs.describe_daemon(daemonArn=made["daemonArn"])["daemon"]["currentRevisions"]
    [revision] = ecs.describe_daemon_revisions(daemonRevisionArns=[revision["arn"]])["daemonRevisions"]
    assert (revision["daemonTaskDefinitionArn"], revision["critical"]) == (newer, False)


def test_a_daemon_holds_its_definition_and_its_provider_until_it_is_gone(plane: Plane, ecs: Any) -> None:
    definition = define(ecs)
    made = create(ecs)
    ecs.delete_daemon_task_definition(daemonTaskDefinition=definition)
    plane.run()
    with refused(
        CLIENT, "Cannot delete capacity provider. Daemon services are still associated with this capacity provider."
    ):
        ecs.delete_capacity_provider(capacityProvider="mi", cluster="c")
    assert ecs.delete_daemon(daemonArn=made["daemonArn"])["status"] == "DELETE_IN_PROGRESS"
    with refused("DaemonNotActiveException"):
        ecs.delete_daemon(daemonArn=made["daemonArn"])
    plane.run()
    with refused("DaemonNotFoundException"):
        ecs.describe_daemon(daemonArn=made["daemonArn"])
    shown = ecs.describe_daemon_task_definition(daemonTaskDefinition=definition)["daemonTaskDefinition"]
    assert shown["status"] == "DELETED"


def test_the_same_token_and_request_give_the_same_daemon(ecs: Any) -> None:
    define(ecs)
    assert create(ecs, clientToken="t")["deploymentArn"] == create(ecs, clientToken="t")["deploymentArn"]
    with refused(INVALID):
        create(ecs, clientToken="t", critical=False)


@pytest.mark.parametrize(
    ("code", "members"),
    [
        (INVALID, {"capacityProviderArns": ["FARGATE"]}),
        (INVALID, {"capacityProviderArns": []}),
        (INVALID, {"capacityProviderArns": ["ghost"]}),
        (INVALID, {"propagateTags": "SERVICE"}),
        (INVALID, {"deploymentConfiguration": {"alarms": {"enable": True}}}),
        (INVALID, {"deploymentConfiguration": {"drainPercent": 101.0}}),
        (CLIENT, {"definition": "ghost"}),
        ("ClusterNotFoundException", {"clusterArn": "nowhere"}),
    ],
)
def test_a_daemon_that_cannot_be_is_refused(ecs: Any, code: str, members: dict[str, Any]) -> None:
    define(ecs)
    with refused(code):
        create(ecs, **members)
    assert ecs.list_daemons(clusterArn="c")["daemonSummariesList"] == []


def test_daemons_are_listed_by_cluster_and_provider(ecs: Any) -> None:
    define(ecs)
    made = create(ecs)
    assert [d["daemonArn"] for d in ecs.list_daemons(clusterArn="c")["daemonSummariesList"]] == [made["daemonArn"]]
    assert ecs.list_daemons(clusterArn="c", capacityProviderArns=["other"])["daemonSummariesList"] == []


def test_daemons_and_their_definitions_have_tags(ecs: Any) -> None:
    tags = [{"key": "team", "value": "a"}]
    for arn in (define(ecs, tags=tags), create(ecs, tags=tags)["daemonArn"]):
        ecs.tag_resource(resourceArn=arn, tags=[{"key": "more", "value": "b"}])
        ecs.untag_resource(resourceArn=arn, tagKeys=["team"])
        assert ecs.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "more", "value": "b"}]
