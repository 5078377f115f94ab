"""A task in the words of the channel: what the agent reads itself, and what it hands to Docker."""

import json
from typing import Any

import pytest

from inprocess import ACCOUNT, REGION, Plane
from podium.ecs.acs import assignments
from podium.ecs.acs.payload import task_payload
from podium.ecs.records import Task, TaskDefinition
from podium.store.records import replace

MIB, SECOND = 1024 * 1024, 1_000_000_000


@pytest.fixture
def instance(plane: Plane) -> str:
    plane.ecs.create_cluster()
    everything = {"ecs.capability.docker-plugin.local": "", "x": ""}
    drivers = {f"com.amazonaws.ecs.capability.logging-driver.{d}": "" for d in ("awslogs", "fluentd")}
    pid = {"ecs.capability.pid-ipc-namespace-sharing": ""}
    return plane.join_one(
        "default", 8192, 16384, {**everything, **drivers, **pid, "ecs.availability-zone": "us-east-1a"}
    )


@pytest.fixture
def send(plane: Plane, instance: str) -> Any:
    """Run a task of a definition with one container and these members; its payload."""

    def payload(container: dict[str, Any], overrides: dict[str, Any] | None = None, **members: Any) -> Any:
        plane.define("web", container, **members)
        answer = plane.ecs.run_task(taskDefinition="web", overrides=overrides or {}, group="batch")
        assert answer["failures"] == []
        task = plane.record(Task, answer["tasks"][0]["taskArn"])
        return task_payload(task, plane.record(TaskDefinition, task.task_definition_arn))

    return payload


def docker(payload: Any, which: str = "hostConfig") -> dict[str, Any]:
    return dict(json.loads(payload["containers"][0]["dockerConfig"][which]))


def test_the_smallest_task(plane: Plane, send: Any, instance: str) -> None:
    payload = send({})
    [container] = payload.pop("containers")
    task = plane.records(Task)[0]
    assert payload == {
        "arn": task.arn,
        "taskClusterArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/default",
        "desiredStatus": "RUNNING",
        "family": "web",
        "version": "1",
        "overrides": "{}",
        "taskDefinitionAccountId": ACCOUNT,
        "zone": "us-east-1a",
        "launchType": "EC2",
        "networkMode": "bridge",
        "volumes": [],
        "group": "batch",
    }
    assert container.pop("dockerConfig") == {
        "version": "1.18",
        "config": "{}",
        "hostConfig": '{"NetworkMode":"bridge","CapAdd":[],"CapDrop":[]}',
    }
    assert container == {
        "name": "app",
        "image": "web:1",
        "containerArn": task.containers[0].arn,
        "environment": {"AWS_EXECUTION_ENV": "AWS_ECS_EC2"},
        "cpu": 0,
        "memory": 128,
        "essential": True,
        "links": [],
        "portMappings": [],
        "mountPoints": [],
        "volumesFrom": [],
        "overrides": "{}",
        "dependsOn": [],
        "startTimeout": 0,
        "stopTimeout": 0,
    }


def test_a_tasks_own_size_is_told_in_vcpu_and_mib(send: Any) -> None:
    payload = send({}, cpu="512", memory="1024")
    assert (payload["cpu"], payload["memory"]) == (0.5, 1024)
    payload = send({}, overrides={"cpu": "256", "memory": "300"}, cpu="512", memory="1024")
    assert (payload["cpu"], payload["memory"]) == (0.25, 300)


def test_overrides_are_merged_before_the_agent_hears_of_them(send: Any) -> None:
    environment = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    override = {
        "name": "app",
        "command": ["sleep", "1"],
        "environment": [{"name": "B", "value": "3"}, {"name": "C", "value": "4"}],
        "cpu": 10,
        "memory": 200,
    }
    payload = send({"environment": environment, "command": ["x"]}, overrides={"containerOverrides": [override]})
    [container] = payload["containers"]
    assert container["command"] == ["sleep", "1"]
    assert container["environment"] == {"AWS_EXECUTION_ENV": "AWS_ECS_EC2", "A": "1", "B": "3", "C": "4"}
    assert (container["cpu"], container["memory"]) == (10, 200)


def test_a_stopping_task_is_told_as_stopped(plane: Plane, send: Any) -> None:
    payload = send({})
    plane.ecs.stop_task(task=payload["arn"])
    task = plane.record(Task, payload["arn"])
    assert task_payload(task, plane.record(TaskDefinition, task.task_definition_arn))["desiredStatus"] == "STOPPED"


def test_a_services_task_names_its_service(plane: Plane, instance: str) -> None:
    plane.define("web")
    plane.serve("web", desired=1)
    [task] = plane.tasks("web")
    payload = task_payload(task, plane.record(TaskDefinition, task.task_definition_arn))
    assert (payload["serviceName"], payload["group"]) == ("web", "service:web")


def test_what_docker_knows_of_a_container_is_written_in_its_words(send: Any) -> None:
    payload = send(
        {
            "user": "1000:1000",
            "workingDirectory": "/srv",
            "hostname": "web",
            "disableNetworking": True,
            "interactive": True,
            "pseudoTerminal": True,
            "dockerLabels": {"a": "b"},
        }
    )
    assert docker(payload, "config") == {
        "User": "1000:1000",
        "WorkingDir": "/srv",
        "Hostname": "web",
        "NetworkDisabled": True,
        "OpenStdin": True,
        "Tty": True,
        "Labels": {"a": "b"},
    }


def test_a_health_check_is_told_in_nanoseconds(send: Any) -> None:
    payload = send({"healthCheck": {"command": ["CMD-SHELL", "true"], "interval": 7, "startPeriod": 9}})
    assert docker(payload, "config")["Healthcheck"] == {
        "Test": ["CMD-SHELL", "true"],
        "Interval": 7 * SECOND,
        "Timeout": 5 * SECOND,
        "StartPeriod": 9 * SECOND,
        "Retries": 3,
    }
    assert payload["containers"][0]["healthCheckType"] == "docker"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"memoryReservation": 64}, {"MemoryReservation": 64 * MIB}),
        ({"privileged": True}, {"Privileged": True}),
        ({"readonlyRootFilesystem": True}, {"ReadonlyRootfs": True}),
        ({"extraHosts": [{"hostname": "db", "ipAddress": "10.0.0.1"}]}, {"ExtraHosts": ["db:10.0.0.1"]}),
        ({"dnsServers": ["1.1.1.1"], "dnsSearchDomains": ["x"]}, {"Dns": ["1.1.1.1"], "DnsSearch": ["x"]}),
        ({"dockerSecurityOptions": ["no-new-privileges"]}, {"SecurityOpt": ["no-new-privileges"]}),
        (
            {"ulimits": [{"name": "nofile", "softLimit": 10, "hardLimit": 20}]},
            {"Ulimits": [{"Name": "nofile", "Soft": 10, "Hard": 20}]},
        ),
        (
            {"systemControls": [{"namespace": "net.core.somaxconn", "value": "1024"}]},
            {"Sysctls": {"net.core.somaxconn": "1024"}},
        ),
        ({"linuxParameters": {"initProcessEnabled": True}}, {"Init": True}),
        ({"linuxParameters": {"sharedMemorySize": 32}}, {"ShmSize": 32 * MIB}),
        ({"linuxParameters": {"maxSwap": 64, "swappiness": 10}}, {"MemorySwap": 192 * MIB, "MemorySwappiness": 10}),
        ({"linuxParameters": {"maxSwap": 0, "swappiness": 0}}, {"MemorySwap": 128 * MIB, "MemorySwappiness": 0}),
        (
            {"linuxParameters": {"tmpfs": [{"containerPath": "/tmp", "size": 16, "mountOptions": ["noexec"]}]}},
            {"Tmpfs": {"/tmp": "size=16m,noexec"}},
        ),
        (
            {"linuxParameters": {"devices": [{"hostPath": "/dev/fuse", "permissions": ["read", "mknod"]}]}},
            {
                "Devices": [
                    {"PathOnHost": "/dev/fuse", "PathInContainer": "/dev/fuse", "CgroupPermissions": "rm"},
                ]
            },
        ),
        (
            {"linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"], "drop": ["ALL"]}}},
            {"CapAdd": ["SYS_PTRACE"], "CapDrop": ["ALL"]},
        ),
        (
            {"logConfiguration": {"logDriver": "json-file", "options": {"max-size": "1m"}}},
            {"LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}}},
        ),
    ],
    ids=lambda value: "-".join(value),
)
def test_what_the_host_has_to_know_is_written_in_dockers_words(
    send: Any, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    host_config = docker(send(given))
    assert {name: host_config[name] for name in expected} == expected
    assert set(host_config) == {"NetworkMode", "CapAdd", "CapDrop"} | set(expected)


def test_a_log_streams_name_is_put_together_for_docker(send: Any) -> None:
    where = {"awslogs-region": "us-east-1", "awslogs-group": "g"}
    log = {"logDriver": "awslogs", "options": {**where, "awslogs-stream-prefix": "web"}}
    payload = send({"logConfiguration": log})
    task_id = payload["arn"].rpartition("/")[2]
    expected = {**where, "mode": "non-blocking", "awslogs-stream": f"web/app/{task_id}"}
    assert docker(payload)["LogConfig"] == {"Type": "awslogs", "Config": expected}


def test_the_account_says_whether_a_log_driver_blocks_and_the_definition_may_say_otherwise(
    plane: Plane, send: Any
) -> None:
    where = {"awslogs-region": "us-east-1", "awslogs-group": "g", "awslogs-stream-prefix": "web"}

    def mode(**more: str) -> str:
        arn = send({"logConfiguration": {"logDriver": "awslogs", "options": {**where, **more}}})["arn"]
        assigned = plane.read(lambda tx: assignments.of_task(tx, plane.record(Task, arn)))
        return str(docker(assigned.payload)["LogConfig"]["Config"]["mode"])

    assert mode() == "non-blocking"
    plane.ecs.put_account_setting_default(name="defaultLogDriverMode", value="blocking")
    assert mode() == "blocking"
    assert mode(mode="non-blocking") == "non-blocking"


def test_what_the_agent_is_to_fetch_is_named_with_its_provider_and_target(plane: Plane, send: Any) -> None:
    secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:password::"
    more = {
        "secrets": [{"name": "P", "valueFrom": secret}, {"name": "Q", "valueFrom": "/app/q"}],
        "logConfiguration": {"logDriver": "splunk", "secretOptions": [{"name": "splunk-token", "valueFrom": "t"}]},
    }
    task = plane.record(Task, send({})["arn"])
    definition = plane.record(TaskDefinition, task.task_definition_arn)
    [container] = definition.document["containerDefinitions"]
    document = {**definition.document, "containerDefinitions": [{**container, **more}]}
    [payload] = task_payload(task, replace(definition, document=document))["containers"]
    told = [(s["name"], s["valueFrom"], s["provider"], s["region"], s["target"]) for s in payload["secrets"]]
    assert told == [
        ("P", secret, "asm", "eu-west-1", "CONTAINER"),
        ("Q", "/app/q", "ssm", "us-east-1", "CONTAINER"),
        ("splunk-token", "t", "ssm", "us-east-1", "LOG_DRIVER"),
    ]


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        ({"name": "v"}, {"name": "v", "type": "host", "host": {}}),
        (
            {"name": "v", "host": {"sourcePath": "/srv"}},
            {"name": "v", "type": "host", "host": {"sourcePath": "/srv"}},
        ),
        (
            {"name": "v", "dockerVolumeConfiguration": {"scope": "shared", "driver": "local"}},
            {
                "name": "v",
                "type": "docker",
                "dockerVolumeConfiguration": {"scope": "shared", "driver": "local"},
            },
        ),
    ],
)
def test_volumes_are_told_by_their_kind(send: Any, volume: dict[str, Any], expected: dict[str, Any]) -> None:
    mount = {"sourceVolume": "v", "containerPath": "/data", "readOnly": True}
    payload = send({"mountPoints": [mount]}, volumes=[volume])
    assert payload["volumes"] == [expected]
    assert payload["containers"][0]["mountPoints"] == [mount]


def test_order_timeouts_and_restarts_are_the_agents_business(plane: Plane, instance: str) -> None:
    plane.define(
        "web",
        {"dependsOn": [{"containerName": "db", "condition": "START"}], "startTimeout": 20, "stopTimeout": 7},
        {"name": "db", "restartPolicy": {"enabled": True}},
    )
    [task] = plane.ecs.run_task(taskDefinition="web")["tasks"]
    record = plane.record(Task, task["taskArn"])
    app, db = task_payload(record, plane.record(TaskDefinition, record.task_definition_arn))["containers"]
    assert app["dependsOn"] == [{"containerName": "db", "condition": "START"}]
    assert (app["startTimeout"], app["stopTimeout"]) == (20, 7)
    assert db["restartPolicy"] == {"enabled": True, "restartAttemptPeriod": 300}


def test_ports_are_told_as_stored(send: Any) -> None:
    payload = send({"portMappings": [{"containerPort": 80}]}, networkMode="host")
    assert payload["networkMode"] == "host"
    assert payload["containers"][0]["portMappings"] == [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}]
    assert docker(payload)["NetworkMode"] == "host"


def test_shared_namespaces_are_told(send: Any) -> None:
    payload = send({}, pidMode="task", ipcMode="host")
    assert (payload["pidMode"], payload["ipcMode"]) == ("task", "host")


def test_a_port_mapping_says_all_that_the_agent_reads(send: Any) -> None:
    given = [{"containerPort": 80}, {"containerPort": 53, "hostPort": 5353, "protocol": "udp"}]
    payload = send({"portMappings": given})
    assert payload["containers"][0]["portMappings"] == [
        {"containerPort": 80, "hostPort": 0, "protocol": "tcp"},
        {"containerPort": 53, "hostPort": 5353, "protocol": "udp"},
    ]


def test_a_range_of_ports_has_no_single_port(plane: Plane, send: Any) -> None:
    task = plane.record(Task, send({}) and plane.records(Task)[0].arn)
    definition = plane.record(TaskDefinition, task.task_definition_arn)
    document = definition.document
    ranged = {**document["containerDefinitions"][0], "portMappings": [{"containerPortRange": "7000-7010"}]}
    of_ranges = replace(definition, document={**document, "containerDefinitions": [ranged]})
    [container] = task_payload(task, of_ranges)["containers"]
    assert container["portMappings"] == [{"containerPortRange": "7000-7010", "protocol": "tcp"}]
