"""What RegisterTaskDefinition keeps of what it was given: the defaults of AWS, and nothing else."""

from typing import Any

import pytest

from inprocess import Plane

MINIMAL = {"name": "app", "image": "web", "memory": 64}


def stored(ecs: Any, *containers: dict[str, Any], **members: Any) -> dict[str, Any]:
    """The definition as DescribeTaskDefinition gives it back."""
    ecs.register_task_definition(
        family="web", containerDefinitions=[{**MINIMAL, **c} for c in containers or ({},)], **members
    )
    return dict(ecs.describe_task_definition(taskDefinition="web")["taskDefinition"])


def container(ecs: Any, given: dict[str, Any], **members: Any) -> dict[str, Any]:
    return dict(stored(ecs, given, **members)["containerDefinitions"][0])


def test_the_smallest_definition_is_kept_with_these_members_and_no_others(plane: Plane, ecs: Any) -> None:
    definition = stored(ecs)
    assert definition == {
        "taskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1",
        "family": "web",
        "containerDefinitions": [
            {
                **MINIMAL,
                "cpu": 0,
                "essential": True,
                "portMappings": [],
                "environment": [],
                "mountPoints": [],
                "volumesFrom": [],
                "systemControls": [],
            }
        ],
        "volumes": [],
        "placementConstraints": [],
        "compatibilities": ["EXTERNAL", "EC2"],
        "requiresAttributes": [],
        "revision": 1,
        "status": "ACTIVE",
        "registeredAt": plane.clock.time,
        "registeredBy": "arn:aws:iam::123456789012:root",
    }


@pytest.mark.parametrize(
    ("mode", "given", "kept"),
    [
        (None, {"containerPort": 80}, {"containerPort": 80, "hostPort": 0, "protocol": "tcp"}),
        (
            "bridge",
            {"containerPort": 80, "hostPort": 8080, "protocol": "udp"},
            {"containerPort": 80, "hostPort": 8080, "protocol": "udp"},
        ),
        ("host", {"containerPort": 80}, {"containerPort": 80, "hostPort": 80, "protocol": "tcp"}),
        ("awsvpc", {"containerPort": 80}, {"containerPort": 80, "hostPort": 80, "protocol": "tcp"}),
        ("bridge", {"containerPortRange": "7000-7010"}, {"containerPortRange": "7000-7010", "protocol": "tcp"}),
        (
            "bridge",
            {"containerPort": 80, "name": "http", "appProtocol": "http"},
            {"containerPort": 80, "hostPort": 0, "protocol": "tcp", "name": "http", "appProtocol": "http"},
        ),
    ],
)
def test_a_port_mapping_gets_its_protocol_and_host_port(
    ecs: Any, mode: str | None, given: dict[str, Any], kept: dict[str, Any]
) -> None:
    members = {"networkMode": mode} if mode else {}
    assert container(ecs, {"portMappings": [given]}, **members)["portMappings"] == [kept]


def test_a_network_mode_left_out_stays_out(ecs: Any) -> None:
    assert "networkMode" not in stored(ecs)
    assert "requiresCompatibilities" not in stored(ecs)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("1 vCPU", "1024"),
        ("0.5 vcpu", "512"),
        (".25 vCPU", "256"),
        ("2vCPU", "2048"),
        ("256", "256"),
    ],
)
def test_cpu_is_kept_in_units(ecs: Any, given: str, kept: str) -> None:
    assert stored(ecs, cpu=given)["cpu"] == kept


@pytest.mark.parametrize(("given", "kept"), [("2GB", "2048"), ("1 gb", "1024"), ("0.5 GB", "512"), ("300", "300")])
def test_memory_is_kept_in_mib(ecs: Any, given: str, kept: str) -> None:
    assert stored(ecs, memory=given)["memory"] == kept


def test_a_mount_point_keeps_its_silence_about_read_only(ecs: Any) -> None:
    mount = {"sourceVolume": "data", "containerPath": "/data"}
    definition = stored(ecs, {"mountPoints": [mount]}, volumes=[{"name": "data", "host": {}}])
    assert definition["containerDefinitions"][0]["mountPoints"] == [mount]
    assert definition["volumes"] == [{"name": "data", "host": {}}]


def test_a_health_check_gets_its_intervals_and_no_start_period(ecs: Any) -> None:
    check = container(ecs, {"healthCheck": {"command": ["CMD", "true"]}})["healthCheck"]
    assert check == {"command": ["CMD", "true"], "interval": 30, "timeout": 5, "retries": 3}


def test_a_restart_policy_gets_its_attempt_period_when_it_is_on(ecs: Any) -> None:
    assert container(ecs, {"restartPolicy": {"enabled": True}})["restartPolicy"]["restartAttemptPeriod"] == 300
    assert container(ecs, {"restartPolicy": {"enabled": False}})["restartPolicy"] == {"enabled": False}


def test_log_options_are_kept_as_given(ecs: Any) -> None:
    log = {"logDriver": "json-file", "options": {"max-size": "1m"}}
    assert container(ecs, {"logConfiguration": log})["logConfiguration"] == log


def test_environment_keeps_its_order(ecs: Any) -> None:
    environment = [{"name": name, "value": "1"} for name in ("Z", "A", "M")]
    assert container(ecs, {"environment": environment})["environment"] == environment


def test_an_empty_list_that_was_sent_is_kept(ecs: Any) -> None:
    kept = container(ecs, {"links": [], "command": []})
    assert (kept["links"], kept["command"]) == ([], [])


@pytest.mark.parametrize(
    ("members", "fits"),
    [
        ({}, ["EXTERNAL", "EC2"]),
        ({"networkMode": "host"}, ["EXTERNAL", "EC2"]),
        ({"networkMode": "awsvpc"}, ["EC2"]),
        ({"networkMode": "awsvpc", "cpu": "256", "memory": "512"}, ["EC2", "FARGATE", "MANAGED_INSTANCES"]),
        ({"networkMode": "awsvpc", "cpu": "256", "memory": "300"}, ["EC2", "MANAGED_INSTANCES"]),
    ],
)
def test_compatibilities_are_worked_out(ecs: Any, members: dict[str, Any], fits: list[str]) -> None:
    assert stored(ecs, **members)["compatibilities"] == fits


COM = "com.amazonaws.ecs.capability."
AWSLOGS = {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-region": "us-east-1"}}


@pytest.mark.parametrize(
    ("given", "members", "needs"),
    [
        ({"memoryReservation": 32}, {}, [COM + "docker-remote-api.1.21"]),
        ({"privileged": True}, {}, [COM + "privileged-container"]),
        (
            {"healthCheck": {"command": ["CMD", "true"]}},
            {},
            ["ecs.capability.container-health-check", COM + "docker-remote-api.1.24"],
        ),
        ({"stopTimeout": 5}, {}, ["ecs.capability.container-ordering"]),
        ({"linuxParameters": {"initProcessEnabled": True}}, {}, [COM + "docker-remote-api.1.25"]),
        ({"logConfiguration": {"logDriver": "json-file"}}, {}, [COM + "logging-driver.json-file"]),
        (
            {"logConfiguration": AWSLOGS},
            {"executionRoleArn": "arn:aws:iam::123456789012:role/x"},
            [
                COM + "logging-driver.awslogs",
                COM + "docker-remote-api.1.19",
                "ecs.capability.execution-role-awslogs",
            ],
        ),
        ({}, {"taskRoleArn": "arn:aws:iam::123456789012:role/x"}, [COM + "task-iam-role"]),
        ({}, {"cpu": "256"}, ["ecs.capability.task-cpu-mem-limit"]),
        ({}, {"pidMode": "task"}, ["ecs.capability.pid-ipc-namespace-sharing"]),
        ({}, {"networkMode": "awsvpc"}, ["ecs.capability.task-eni", COM + "docker-remote-api.1.18"]),
    ],
)
def test_required_attributes_follow_from_the_features_used(
    ecs: Any, given: dict[str, Any], members: dict[str, Any], needs: list[str]
) -> None:
    assert stored(ecs, given, **members)["requiresAttributes"] == [{"name": name} for name in needs]
