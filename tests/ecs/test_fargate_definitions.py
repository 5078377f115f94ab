"""Task definitions for Fargate and the other launch types: sizes, and what each does not have."""

from typing import Any

import pytest

from inprocess import refused

CLIENT = "ClientException"
APP = {"name": "app", "image": "web"}
ROLE = "arn:aws:iam::123456789012:role/r"
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1"
AWSLOGS = {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-region": "us-east-1"}}


def register(ecs: Any, container: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    given = {
        "family": "web",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [{**APP, **(container or {})}],
        **members,
    }
    answer = ecs.register_task_definition(**{name: value for name, value in given.items() if value is not None})
    return dict(answer["taskDefinition"])


@pytest.mark.parametrize(
    ("cpu", "least", "most", "step"),
    [
        (512, 1024, 4096, 1024),
        (1024, 2048, 8192, 1024),
        (2048, 4096, 16384, 1024),
        (4096, 8192, 30720, 1024),
        (8192, 16384, 61440, 4096),
        (16384, 32768, 122880, 8192),
    ],
)
def test_memory_goes_in_steps_that_belong_to_the_cpu(ecs: Any, cpu: int, least: int, most: int, step: int) -> None:
    for memory in (least, least + step, most):
        assert "FARGATE" in register(ecs, cpu=str(cpu), memory=str(memory))["compatibilities"]
    for memory in (least // 2, least + step // 2, most + step):
        with refused(CLIENT, f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory"):
            register(ecs, cpu=str(cpu), memory=str(memory))


@pytest.mark.parametrize("memory", ["512", "1 GB", "2GB"])
def test_a_quarter_of_a_cpu_has_three_sizes(ecs: Any, memory: str) -> None:
    assert register(ecs, cpu=".25 vCPU", memory=memory)["cpu"] == "256"


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        (
            {"cpu": "32768", "memory": "65536"},
            "No Fargate configuration exists for given values: 32768 CPU, 65536 memory",
        ),
        ({"cpu": None}, "Fargate requires that 'cpu' be defined at the task level."),
        ({"memory": None, "container": {"memory": 64}}, "Fargate requires that 'memory' be defined at the task level."),
        ({"networkMode": None}, "Fargate only supports network mode ‘awsvpc’."),
        ({"networkMode": "bridge"}, "Fargate only supports network mode ‘awsvpc’."),
        (
            {"container": {"image": ECR}},
            "Fargate requires task definition to have execution role ARN to support ECR images.",
        ),
        (
            {"container": {"logConfiguration": AWSLOGS}},
            "Fargate requires task definition to have execution role ARN to support log driver awslogs.",
        ),
        (
            {"pidMode": "host"},
            "Tasks using the Fargate launch type do not support pidMode 'host'. "
            "The supported value for pidMode is 'task'.",
        ),
        ({"ipcMode": "task"}, "Tasks using the Fargate launch type do not support ipcMode."),
        (
            {"container": {"stopTimeout": 121}},
            "Tasks using the Fargate launch type must have a container stop timeout of less than 120 seconds.",
        ),
        (
            {"volumes": [{"name": "v", "host": {"sourcePath": "/v"}}]},
            "Fargate compatible task definitions do not support sourcePath",
        ),
        (
            {"volumes": [{"name": "v", "dockerVolumeConfiguration": {"scope": "task"}}]},
            "Fargate compatible task definitions do not support dockerVolumeConfiguration",
        ),
        ({"ephemeralStorage": {"sizeInGiB": 20}}, "EphemeralStorage size should be at least 21"),
        ({"ephemeralStorage": {"sizeInGiB": 201}}, "EphemeralStorage size should be at most 200"),
        ({"container": {"privileged": True}}, None),
        ({"container": {"linuxParameters": {"maxSwap": 1}}}, None),
        ({"container": {"linuxParameters": {"capabilities": {"add": ["NET_ADMIN"]}}}}, None),
        ({"container": {"resourceRequirements": [{"type": "GPU", "value": "1"}]}}, None),
        ({"container": {"logConfiguration": {"logDriver": "json-file"}}}, None),
        ({"placementConstraints": [{"type": "memberOf", "expression": "attribute:a exists"}]}, None),
        ({"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}, None),
    ],
)
def test_what_fargate_does_not_have_is_refused_when_it_is_required(
    ecs: Any, members: dict[str, Any], sentence: str | None
) -> None:
    with refused(CLIENT, sentence):
        register(ecs, **members)


def test_what_fargate_does_not_have_only_takes_it_off_the_list_when_it_is_not_required(ecs: Any) -> None:
    given = register(ecs, {"privileged": True}, requiresCompatibilities=["EC2"])
    assert given["compatibilities"] == ["EC2", "MANAGED_INSTANCES"]


@pytest.mark.parametrize(
    "container",
    [
        {"stopTimeout": 120},
        {"linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"], "drop": ["NET_RAW"]}}},
        {"linuxParameters": {"initProcessEnabled": True}},
    ],
)
def test_what_fargate_has_is_accepted(ecs: Any, container: dict[str, Any]) -> None:
    assert register(ecs, container)["requiresCompatibilities"] == ["FARGATE"]


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("EXTERNAL", {}),
        (
            "EXTERNAL",
            {"networkMode": "host", "volumes": [{"name": "v", "efsVolumeConfiguration": {"fileSystemId": "f"}}]},
        ),
        ("MANAGED_INSTANCES", {"networkMode": "bridge"}),
        ("MANAGED_INSTANCES", {"cpu": None}),
        ("EC2", {"trustedExecutionConfiguration": {"isolationMode": "SHARED"}}),
    ],
)
def test_other_launch_types_have_rules_of_their_own(ecs: Any, kind: str, members: dict[str, Any]) -> None:
    with refused(CLIENT):
        register(ecs, requiresCompatibilities=[kind], **members)


def test_a_role_and_an_image_of_ecr_ask_for_what_pulls_it(ecs: Any) -> None:
    needed = {a["name"] for a in register(ecs, {"image": ECR}, executionRoleArn=ROLE)["requiresAttributes"]}
    assert {"com.amazonaws.ecs.capability.ecr-auth", "ecs.capability.execution-role-ecr-pull"} <= needed
