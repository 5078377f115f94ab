"""One rich task definition, and what Docker holds of it: member by member what the official agent makes of it.

Left the member of the definition, right the field of `docker inspect` and its value.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from agent.control_plane import ControlPlane
from docker.agents import AgentProcess, a_task, containers_of, inspect
from docker.images import tiny
from podium.ecs.acs.payload import config, host_config

MIB = 2**20
SECOND = 1_000_000_000

DEFINITION: dict[str, Any] = {
    "name": "main_app",
    "image": tiny(),
    "command": ["sleep", "1000"],
    "entryPoint": ["env"],
    "cpu": 100,
    "memory": 64,
    "memoryReservation": 32,
    "essential": True,
    "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "x=y"}],
    "user": "1000:2000",
    "workingDirectory": "/tmp",
    "hostname": "web",
    "readonlyRootFilesystem": True,
    "interactive": True,
    "pseudoTerminal": True,
    "dockerLabels": {"team": "blue", "com.amazonaws.ecs.task-arn": "forged"},
    "dockerSecurityOptions": ["no-new-privileges"],
    "extraHosts": [{"hostname": "legacy", "ipAddress": "10.1.2.3"}],
    "dnsServers": ["10.0.0.53"],
    "dnsSearchDomains": ["corp.example"],
    "ulimits": [{"name": "nofile", "softLimit": 1024, "hardLimit": 2048}],
    "systemControls": [{"namespace": "net.core.somaxconn", "value": "777"}],
    "healthCheck": {"command": ["CMD-SHELL", "true"], "interval": 30, "timeout": 5, "retries": 3, "startPeriod": 9},
    "logConfiguration": {"logDriver": "json-file", "options": {"max-size": "1m", "mode": "non-blocking"}},
    "linuxParameters": {
        "capabilities": {"add": ["NET_ADMIN"], "drop": ["MKNOD"]},
        "devices": [{"hostPath": "/dev/null", "containerPath": "/dev/nothing", "permissions": ["read", "write"]}],
        "initProcessEnabled": True,
        "sharedMemorySize": 8,
        "tmpfs": [{"containerPath": "/run/x", "size": 2, "mountOptions": ["noexec"]}],
    },
    "links": ["db:database"],
    "portMappings": [{"containerPort": 80, "hostPort": 29411, "protocol": "tcp"}],
    "mountPoints": [{"sourceVolume": "etc", "containerPath": "/host", "readOnly": True}],
    "volumesFrom": [{"sourceContainer": "db", "readOnly": True}],
}

TABLE: dict[str, tuple[str, Any]] = {
    "image": ("Config.Image", tiny()),
    "command": ("Config.Cmd", ["sleep", "1000"]),
    "entryPoint": ("Config.Entrypoint", ["env"]),
    "cpu": ("HostConfig.CpuShares", 100),
    "memory": ("HostConfig.Memory", 64 * MIB),
    "memoryReservation": ("HostConfig.MemoryReservation", 32 * MIB),
    "user": ("Config.User", "1000:2000"),
    "workingDirectory": ("Config.WorkingDir", "/tmp"),
    "hostname": ("Config.Hostname", "web"),
    "readonlyRootFilesystem": ("HostConfig.ReadonlyRootfs", True),
    "interactive": ("Config.OpenStdin", True),
    "pseudoTerminal": ("Config.Tty", True),
    "dockerSecurityOptions": ("HostConfig.SecurityOpt", ["no-new-privileges"]),
    "extraHosts": ("HostConfig.ExtraHosts", ["legacy:10.1.2.3"]),
    "dnsServers": ("HostConfig.Dns", ["10.0.0.53"]),
    "dnsSearchDomains": ("HostConfig.DnsSearch", ["corp.example"]),
    "ulimits": ("HostConfig.Ulimits", [{"Name": "nofile", "Soft": 1024, "Hard": 2048}]),
    "systemControls": ("HostConfig.Sysctls", {"net.core.somaxconn": "777"}),
    "healthCheck": (
        "Config.Healthcheck",
        {
            "Test": ["CMD-SHELL", "true"],
            "Interval": 30 * SECOND,
            "Timeout": 5 * SECOND,
            "StartPeriod": 9 * SECOND,
            "Retries": 3,
        },
    ),
    "logConfiguration": (
        "HostConfig.LogConfig",
        {"Type": "json-file", "Config": {"max-size": "1m", "mode": "non-blocking", "max-buffer-size": "10m"}},
    ),
    "linuxParameters.capabilities.add": ("HostConfig.CapAdd", ["NET_ADMIN"]),
    "linuxParameters.capabilities.drop": ("HostConfig.CapDrop", ["MKNOD"]),
    "linuxParameters.devices": (
        "HostConfig.Devices",
        [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/nothing", "CgroupPermissions": "rw"}],
    ),
    "linuxParameters.initProcessEnabled": ("HostConfig.Init", True),
    "linuxParameters.sharedMemorySize": ("HostConfig.ShmSize", 8 * MIB),
    "linuxParameters.tmpfs": ("HostConfig.Tmpfs", {"/run/x": "size=2m,noexec"}),
    "portMappings": ("HostConfig.PortBindings", {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "29411"}]}),
    "mountPoints": ("HostConfig.Binds", ["/etc:/host:ro"]),
    "networkMode": ("HostConfig.NetworkMode", "bridge"),
}


def a_payload(definition: dict[str, Any]) -> dict[str, Any]:
    """The container as the control plane puts it into a payload."""
    own = {
        "environment": {e["name"]: e["value"] for e in definition.get("environment", [])},
        "overrides": "{}",
        "dockerConfig": {
            "version": "1.18",
            "config": json.dumps(config(definition)),
            "hostConfig": json.dumps(host_config(definition, "bridge", "task")),
        },
        "healthCheckType": "docker" if "healthCheck" in definition else "",
    }
    kept = ("name", "image", "command", "entryPoint", "cpu", "memory", "essential", "links", "portMappings")
    kept += ("mountPoints", "volumesFrom")
    return {name: definition[name] for name in kept if name in definition} | own


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, Any]]]:
    """What Docker shows, by the containers' names."""
    db = {"name": "db", "image": tiny(), "command": ["sleep", "1000"], "cpu": 0, "memory": 0, "essential": True}
    volumes = [{"name": "etc", "type": "host", "host": {"sourcePath": "/etc"}}]
    with ControlPlane() as plane:
        agent = AgentProcess(plane, tmp_path_factory.mktemp("inspect"))
        task = a_task(a_payload(DEFINITION), a_payload(db), volumes=volumes, cpu=0.5, memory=128)
        arn = plane.run(task)
        plane.wait_for(arn, "RUNNING")
        documents = [inspect(identity) for identity in containers_of(arn)]
        yield {"arn": {"Arn": arn}} | {d["Config"]["Labels"]["com.amazonaws.ecs.container-name"]: d for d in documents}
        agent.end()
        agent.sweep()


def field(document: Any, path: str) -> Any:
    for name in path.split("."):
        document = document[name]
    return document


@pytest.mark.parametrize("member", TABLE)
def test_docker_holds_what_the_definition_says(shown, member):
    path, value = TABLE[member]
    assert field(shown["main_app"], path) == value


def test_names_are_the_official_agent_s(shown):
    names = {document["Name"] for name, document in shown.items() if name != "arn"}
    main = next(name for name in names if "mainapp" in name)
    assert main.startswith("/ecs-test-1-mainapp-")
    assert len(main.rpartition("-")[2]) == 20
    linked = shown["main_app"]["HostConfig"]["Links"]
    assert linked == [f"{shown['db']['Name']}:{main}/database"]
    assert shown["main_app"]["HostConfig"]["VolumesFrom"] == [f"{shown['db']['Name'][1:]}:ro"]


def test_labels_of_ecs_are_added_last(shown):
    labels = shown["main_app"]["Config"]["Labels"]
    assert labels["team"] == "blue"
    assert {name: value for name, value in labels.items() if name.startswith("com.amazonaws.ecs.")} == {
        "com.amazonaws.ecs.task-arn": shown["arn"]["Arn"],
        "com.amazonaws.ecs.container-name": "main_app",
        "com.amazonaws.ecs.task-definition-family": "test",
        "com.amazonaws.ecs.task-definition-version": "1",
        "com.amazonaws.ecs.cluster": "default",
    }


def test_the_environment_is_the_definition_s_and_then_that_of_ecs(shown):
    environment = dict(pair.split("=", 1) for pair in shown["main_app"]["Config"]["Env"])
    assert (environment["A"], environment["B"]) == ("1", "x=y")
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "us-east-1"
    assert "/v3/" in environment["ECS_CONTAINER_METADATA_URI"]
    assert "/v4/" in environment["ECS_CONTAINER_METADATA_URI_V4"]
    assert "/api/" in environment["ECS_AGENT_URI"]


def test_a_container_without_cpu_and_memory_has_two_shares_and_no_limit_but_the_task_s(shown):
    db = shown["db"]["HostConfig"]
    assert (db["CpuShares"], db["Memory"], db["CpuQuota"]) == (2, 0, 0)
    assert db["CgroupParent"] == shown["main_app"]["HostConfig"]["CgroupParent"] != ""
