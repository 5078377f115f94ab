"""The settings of containers and volumes that RegisterTaskDefinition keeps, and those that it refuses."""

from typing import Any

import pytest

from inprocess import Plane, refused

CLIENT = "ClientException"
APP = {"name": "app", "image": "web", "memory": 64}
ROLE = "arn:aws:iam::123456789012:role/r"
SECRET = {"name": "S", "valueFrom": "arn:aws:ssm:us-east-1:123456789012:parameter/s"}


def register(ecs: Any, container: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    given = {**APP, **(container or {})}
    answer = ecs.register_task_definition(family="web", containerDefinitions=[given], **members)
    return dict(answer["taskDefinition"])


KEPT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "limits and devices": (
        {
            "ulimits": [{"name": "nofile", "softLimit": 1, "hardLimit": 2}],
            "linuxParameters": {
                "capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]},
                "devices": [{"hostPath": "/dev/fuse", "permissions": ["read"]}],
                "tmpfs": [{"containerPath": "/t", "size": 1}],
                "maxSwap": 10,
                "swappiness": 60,
                "sharedMemorySize": 64,
            },
        },
        {},
    ),
    "secrets and files": (
        {"secrets": [SECRET], "environmentFiles": [{"value": "arn:aws:s3:::bucket/a.env", "type": "s3"}]},
        {"executionRoleArn": ROLE},
    ),
    "a log router": (
        {"firelensConfiguration": {"type": "fluentbit", "options": {"enable-ecs-log-metadata": "true"}}},
        {},
    ),
    "GPUs": ({"resourceRequirements": [{"type": "GPU", "value": "2"}]}, {}),
    "a credential spec": ({"credentialSpecs": ["credentialspecdomainless:arn:aws:s3:::b/c"]}, {}),
    "a mesh": (
        {"versionConsistency": "disabled"},
        {"networkMode": "awsvpc", "proxyConfiguration": {"type": "APPMESH", "containerName": "app"}},
    ),
    "file systems": (
        {"mountPoints": [{"sourceVolume": "e", "containerPath": "/e", "readOnly": True}]},
        {
            "volumes": [
                {
                    "name": "e",
                    "efsVolumeConfiguration": {
                        "fileSystemId": "fs-1",
                        "transitEncryption": "ENABLED",
                        "authorizationConfig": {"accessPointId": "fsap-1", "iam": "ENABLED"},
                    },
                },
                {"name": "s", "s3filesVolumeConfiguration": {"fileSystemArn": "arn:aws:s3files:::x"}},
                {"name": "b", "configuredAtLaunch": True},
            ]
        },
    ),
    "a kernel parameter": ({"systemControls": [{"namespace": "net.core.somaxconn", "value": "1"}]}, {}),
    "isolation": (
        {},
        {
            "networkMode": "host",
            "cpu": "1024",
            "memory": "2048",
            "trustedExecutionConfiguration": {"isolationMode": "ISOLATED_SANDBOX"},
        },
    ),
    "fault injection": ({}, {"enableFaultInjection": True, "pidMode": "task", "ipcMode": "none"}),
}


@pytest.mark.parametrize(("container", "members"), KEPT.values(), ids=KEPT.keys())
def test_what_is_given_is_given_back(ecs: Any, container: dict[str, Any], members: dict[str, Any]) -> None:
    register(ecs, container, **members)
    kept = ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]
    assert {name: kept["containerDefinitions"][0][name] for name in container} == container
    assert {name: kept[name] for name in members} == members


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str | None]] = {
    "a secret named as a variable": (
        {"secrets": [SECRET], "environment": [{"name": "S", "value": "1"}]},
        {"executionRoleArn": ROLE},
        "The secret name must be unique and not shared with any new or existing environment variables set on the "
        "container, such as 'S'.",
    ),
    "a role that is none": ({}, {"taskRoleArn": "arn:aws:s3:::r"}, "Role is not valid"),
    "a file that is no environment": (
        {"environmentFiles": [{"value": "arn:aws:s3:::b/a.txt", "type": "s3"}]},
        {},
        None,
    ),
    "a soft limit above the hard one": (
        {"ulimits": [{"name": "nofile", "softLimit": 3, "hardLimit": 2}]},
        {},
        None,
    ),
    "two credential specs": ({"credentialSpecs": ["credentialspec:a", "credentialspec:b"]}, {}, None),
    "a restart within a minute": ({"restartPolicy": {"enabled": True, "restartAttemptPeriod": 59}}, {}, None),
    "a port's name in capitals": (
        {"portMappings": [{"containerPort": 80, "name": "HTTP"}]},
        {},
        None,
    ),
    "a port range that runs backwards": ({"portMappings": [{"containerPortRange": "90-80"}]}, {}, None),
    "overlapping port ranges": (
        {"portMappings": [{"containerPortRange": "80-90"}, {"containerPortRange": "90-95"}]},
        {},
        None,
    ),
    "a port range on the host's network": (
        {"portMappings": [{"containerPortRange": "80-90"}]},
        {"networkMode": "host"},
        None,
    ),
    "a router without anyone to route": ({"logConfiguration": {"logDriver": "awsfirelens"}}, {}, None),
    "two volumes made at launch": (
        {},
        {"volumes": [{"name": n, "configuredAtLaunch": True} for n in "ab"]},
        None,
    ),
    "a volume of two kinds": (
        {},
        {"volumes": [{"name": "v", "host": {}, "efsVolumeConfiguration": {"fileSystemId": "f"}}]},
        None,
    ),
    "IAM without encryption": (
        {},
        {
            "volumes": [
                {
                    "name": "v",
                    "efsVolumeConfiguration": {"fileSystemId": "f", "authorizationConfig": {"iam": "ENABLED"}},
                }
            ]
        },
        None,
    ),
    "a mesh on a bridge": ({}, {"proxyConfiguration": {"containerName": "app"}}, None),
    "an expression that is none": (
        {},
        {"placementConstraints": [{"type": "memberOf", "expression": "attribute:a =="}]},
        None,
    ),
    "a number of GPUs that is none": ({"resourceRequirements": [{"type": "GPU", "value": "²"}]}, {}, None),
    "more CPU than there is": ({}, {"cpu": "9" * 400 + " vCPU"}, "Invalid 'cpu' setting for task."),
    "names for hosts under awsvpc": (
        {"hostname": "h"},
        {"networkMode": "awsvpc"},
        "Hostname is not supported on container when networkMode=awsvpc",
    ),
}


@pytest.mark.parametrize(("container", "members", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused(ecs: Any, container: dict[str, Any], members: dict[str, Any], sentence: str | None) -> None:
    with refused(CLIENT, sentence):
        register(ecs, container, **members)
    assert ecs.list_task_definitions()["taskDefinitionArns"] == []


def test_any_protocol_but_udp_counts_as_tcp(ecs: Any) -> None:
    definition = register(ecs, {"portMappings": [{"containerPort": 80, "protocol": "sctp"}]})
    assert definition["containerDefinitions"][0]["portMappings"][0]["protocol"] == "tcp"


@pytest.mark.parametrize("revision", ["²", "9" * 5000, "-1", "1 "])
def test_a_revision_is_a_short_number(ecs: Any, revision: str) -> None:
    with refused(CLIENT, f"Invalid revision number. Number: {revision}"):
        ecs.describe_task_definition(taskDefinition=f"web:{revision}")


def test_a_deleted_definition_goes_when_the_last_task_of_it_has_stopped(plane: Plane, ecs: Any) -> None:
    plane.ready()
    task = ecs.run_task(taskDefinition="web")["tasks"][0]
    ecs.deregister_task_definition(taskDefinition="web:1")
    ecs.delete_task_definitions(taskDefinitions=["web:1"])
    plane.advance(3600)
    assert ecs.list_task_definitions(status="DELETE_IN_PROGRESS")["taskDefinitionArns"] != []
    plane.exit(task["taskArn"])
    plane.run()
    with refused(CLIENT, "Unable to describe task definition."):
        ecs.describe_task_definition(taskDefinition="web:1")
    assert plane.define("web").endswith("/web:2")


def test_a_deleted_definition_stays_while_a_service_has_it(plane: Plane, ecs: Any) -> None:
    plane.ready()
    plane.serve("web", desired=0)
    ecs.deregister_task_definition(taskDefinition="web:1")
    ecs.delete_task_definitions(taskDefinitions=["web:1"])
    plane.advance(3600)
    ecs.update_service(service="web", desiredCount=1)
    plane.run()
    assert len(plane.tasks("web")) == 1
    ecs.delete_service(service="web", force=True)
    plane.settle()
    plane.advance(3600)
    assert ecs.list_task_definitions(status="DELETE_IN_PROGRESS")["taskDefinitionArns"] == []


def test_a_definition_that_is_not_there_is_not_deleted(ecs: Any) -> None:
    [missing] = ecs.delete_task_definitions(taskDefinitions=["ghost:1"])["failures"]
    assert missing["arn"].endswith(":task-definition/ghost:1")
