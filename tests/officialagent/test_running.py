"""The open-source agent runs tasks: what it is sent, what it tells, and what DescribeTasks makes of it."""

import json
from typing import Any

from officialagent.conftest import Room
from officialagent.tasks import DIGEST
from waiting import until


def test_a_task_runs_stops_and_is_told_with_all_its_times(room: Room) -> None:
    agent = room.join()
    task = room.run({"portMappings": [{"containerPort": 80}]})
    shown = room.until_task(task, "RUNNING")
    [container] = shown["containers"]
    assert (container["lastStatus"], container["imageDigest"]) == ("RUNNING", DIGEST)
    assert container["runtimeId"] == agent.docker.containers[0].runtime_id
    [binding] = container["networkBindings"]
    assert binding == {"bindIP": "0.0.0.0", "containerPort": 80, "hostPort": 32768, "protocol": "tcp"}
    assert shown["createdAt"] <= shown["startedAt"]
    assert (shown["pullStoppedAt"] - shown["pullStartedAt"]).total_seconds() > 0
    assert shown["connectivity"] == "CONNECTED"

    room.stop(task)
    shown = room.until_task(task, "STOPPED")
    assert (shown["stopCode"], shown["stoppedReason"]) == ("UserInitiated", "Task stopped by user")
    assert shown["containers"][0]["exitCode"] == 143
    assert shown["containers"][0]["networkBindings"] == [binding]
    assert shown["startedAt"] <= shown["stoppingAt"] <= shown["stoppedAt"]
    assert "executionStoppedAt" in shown


def test_every_task_comes_alone_and_as_strictly_typed_as_the_agent_reads_it(room: Room) -> None:
    agent = room.join()
    container = {
        "command": ["sleep", "9"],
        "entryPoint": ["/bin/sh", "-c"],
        "environment": [{"name": "A", "value": "b"}],
        "cpu": 64,
        "memoryReservation": 32,
        "portMappings": [{"containerPort": 80, "hostPort": 8081}],
        "mountPoints": [{"sourceVolume": "v", "containerPath": "/v", "readOnly": True}],
        "healthCheck": {"command": ["CMD-SHELL", "true"]},
        "logConfiguration": {"logDriver": "json-file", "options": {"max-size": "1m"}},
        "linuxParameters": {"initProcessEnabled": True, "capabilities": {"add": ["NET_ADMIN"], "drop": ["MKNOD"]}},
        "ulimits": [{"name": "nofile", "softLimit": 10, "hardLimit": 20}],
        "dockerLabels": {"l": "1"},
        "restartPolicy": {"enabled": True, "ignoredExitCodes": [3], "restartAttemptPeriod": 60},
        "stopTimeout": 5,
        "startTimeout": 20,
        "user": "nobody",
    }
    side = {"name": "side", "essential": False, "dependsOn": [{"containerName": "app", "condition": "START"}]}
    tasks = [room.run(container, side, cpu="512", memory="128", volumes=[{"name": "v", "host": {}}]), room.run()]
    for task in tasks:
        room.until_task(task, "RUNNING")
    payloads = [m for kind, m in agent.heard if kind == "PayloadMessage"]
    assert {len(m["tasks"]) for m in payloads} == {1}
    sent = next(m["tasks"][0] for m in payloads if m["tasks"][0]["arn"] == tasks[0])
    assert (sent["cpu"], sent["memory"], sent["version"], sent["overrides"]) == (0.5, 128, "1", "{}")
    app = next(c for c in sent["containers"] if c["name"] == "app")
    assert app["environment"]["A"] == "b"
    host = json.loads(app["dockerConfig"]["hostConfig"])
    assert (
        host.items() >= {"NetworkMode": "bridge", "CapAdd": ["NET_ADMIN"], "CapDrop": ["MKNOD"], "Init": True}.items()
    )
    assert json.loads(app["dockerConfig"]["config"])["Healthcheck"]["Interval"] == 30_000_000_000
    assert (app["healthCheckType"], app["overrides"]) == ("docker", "{}")


def test_numbers_rise_over_payloads_manifests_and_servers(room: Room) -> None:
    agent = room.join()
    for _ in range(3):
        room.until_task(room.run(), "RUNNING")
    agent.hang_up()
    until(lambda: agent.connections > 1, "the agent to be back")
    until(lambda: sum(kind == "TaskManifestMessage" for kind, _ in agent.heard) == 2, "a second manifest")
    seen = [m.get("seqNum") or m["timeline"] for _, m in agent.heard if "seqNum" in m or "timeline" in m]
    assert seen == sorted(set(seen))
    assert not agent.dropped


def test_an_essential_container_that_ends_ends_the_task_with_its_exit_code(room: Room) -> None:
    agent = room.join()
    task = room.run({}, {"name": "side", "essential": False})
    room.until_task(task, "RUNNING")
    agent.docker.exit(task, "app", 7)
    shown = room.until_task(task, "STOPPED")
    assert (shown["stopCode"], shown["stoppedReason"]) == (
        "EssentialContainerExited",
        "Essential container in task exited",
    )
    assert {c["name"]: c["exitCode"] for c in shown["containers"]} == {"app": 7, "side": 143}


def test_an_inessential_container_ends_and_the_task_runs_on(room: Room) -> None:
    agent = room.join()
    task = room.run({}, {"name": "side", "essential": False})
    room.until_task(task, "RUNNING")
    agent.docker.exit(task, "side", 3)
    side = until(lambda: next((c for c in room.task(task)["containers"] if "exitCode" in c), None), "its end")
    assert (side["name"], side["lastStatus"], side["exitCode"]) == ("side", "STOPPED", 3)
    assert room.task(task)["lastStatus"] == "RUNNING"


def test_a_container_that_ended_before_it_was_told_of_is_told_with_its_exit_code(room: Room) -> None:
    """Entries are snapshots: the RUNNING one has the exit code already."""
    room.join()
    shown = room.until_task(room.run({"image": "exits-5"}), "STOPPED")
    assert (shown["stopCode"], shown["containers"][0]["exitCode"]) == ("EssentialContainerExited", 5)
    assert "startedAt" in shown


def test_an_image_that_is_not_there_is_a_task_that_failed_to_start(room: Room) -> None:
    room.join()
    shown = room.until_task(room.run({"image": "missing"}), "STOPPED")
    assert (shown["stopCode"], shown["stoppedReason"]) == (
        "TaskFailedToStart",
        "CannotPullContainerError: no such image",
    )
    assert "startedAt" not in shown


def test_a_service_keeps_its_count_and_rolls_over(room: Room) -> None:
    agent = room.join()
    ecs = room.ecs
    ecs.create_service(
        cluster=room.cluster, serviceName="web", taskDefinition=room.define(), desiredCount=2, launchType="EC2"
    )

    def service() -> dict[str, Any]:
        return dict(ecs.describe_services(cluster=room.cluster, services=["web"])["services"][0])

    until(lambda: service()["runningCount"] == 2, "two tasks")
    victim = agent.docker.running()[0]
    agent.docker.exit(victim.task, victim.name, 1)
    until(lambda: len(agent.docker.running()) == 2 and service()["runningCount"] == 2, "a third in its place")
    ecs.update_service(cluster=room.cluster, service="web", taskDefinition=room.define({"image": "stays-2"}))
    until(lambda: [c.image for c in agent.docker.running()] == ["stays-2"] * 2, "the new revision alone")
    until(lambda: len(service()["deployments"]) == 1, "the deployment to complete")


def test_a_payload_that_cannot_be_read_is_a_stopped_task_with_the_reason(room: Room) -> None:
    """The one definition that the control plane takes and this agent does not."""
    agent = room.join()
    seen = agent.saved.tasks
    task = f"arn:aws:ecs:us-east-1:123456789012:task/{room.cluster}/{'0' * 32}"
    with agent._lock:
        agent._payload(
            agent.acs,  # type: ignore[arg-type]
            {"messageId": "m", "clusterArn": "c", "containerInstanceArn": "i", "tasks": [{"arn": task, "cpu": "1"}]},
        )
    assert seen[task].reason.startswith("UnrecogniedTaskError: Error loading task - ")
    until(lambda: seen[task].sent == "STOPPED", "the control plane to take the report about a task it does not know")


def test_a_tasks_role_comes_with_its_payload_and_again_for_a_process_that_has_forgotten_it(room: Room) -> None:
    iam, name = room.server.client("iam"), f"{room.cluster}-task"
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    agent = room.join(attributes={"com.amazonaws.ecs.capability.task-iam-role": ""})
    task = room.run(taskRoleArn=role)
    room.until_task(task, "RUNNING")
    held = agent.credentials[task, "TaskApplication"]
    assert held["roleArn"] == role

    agent.hang_up()
    until(lambda: agent.connections == 2, "the next link")
    until(lambda: sum(kind == "TaskManifestMessage" for kind, _ in agent.heard) == 2, "the manifest")
    assert "IAMRoleCredentialsMessage" not in {kind for kind, _ in agent.heard}, "it has them still"

    again = room.again(agent)
    until(lambda: "IAMRoleCredentialsMessage" in {kind for kind, _ in again.heard}, "the credentials")
    until(lambda: again.credentials, "them to be kept")
    assert again.credentials[task, "TaskApplication"]["credentialsId"] == held["credentialsId"]
