"""The open-source agent's channels: one link an instance, refusals that it reads, telemetry that is signed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from officialagent.agent import Agent
from officialagent.conftest import Room
from officialagent.docker import Docker
from officialagent.wire import Channel
from waiting import until

NOW = 1795374428.921


def closed(channel: Channel) -> int | None:
    """The code that the other side closed it with, if it did; what was still to be read is passed over."""
    try:
        channel.socket.recv(timeout=1)
    except ConnectionClosed as end:
        return end.rcvd.code if end.rcvd is not None else None
    return None


def test_a_second_link_takes_the_place_of_the_first(room: Room) -> None:
    agent = Agent(room.wire, Docker(), cluster=room.cluster)
    agent.register()
    endpoint = agent._discover()["endpoint"]
    first, second = (room.wire.upgrade(endpoint, agent._acs_query()) for _ in range(2))
    with first.opening, second.opening:
        until(lambda: closed(first) == 1000, "the first to be closed")
        assert json.loads(second.socket.recv(timeout=10))["type"] == "HeartbeatMessage"
        assert room.instance(agent)["agentConnected"]
    until(lambda: not room.instance(agent)["agentConnected"], "the link to be gone")


def test_a_link_that_is_lost_is_dialed_again_at_once(room: Room) -> None:
    agent = room.join()
    agent.hang_up()
    until(lambda: agent.connections == 2, "a second link")
    assert not agent.delays
    assert "false" in agent._acs_query()["sendCredentials"]


def test_a_deregistered_instance_is_told_in_one_member_and_keeps_its_containers(room: Room) -> None:
    agent = room.join()
    task = room.run()
    room.until_task(task, "RUNNING")
    room.ecs.deregister_container_instance(cluster=room.cluster, containerInstance=agent.saved.arn, force=True)
    until(lambda: 3600.0 in agent.delays, "the agent to stay away for an hour")
    told = json.loads(agent.refusals[-1])
    assert list(told) == ["InactiveInstanceException"]
    assert isinstance(told["InactiveInstanceException"], str)
    assert len(agent.docker.running()) == 1
    assert room.task(task)["stoppedReason"] == "Container instance deregistration forced by user"


def test_back_in_the_cluster_it_stops_what_was_given_up_meanwhile(room: Room) -> None:
    """By the manifest: the task is on record as stopped, so the stop is meant."""
    agent = room.join()
    task = room.run()
    room.until_task(task, "RUNNING")
    room.ecs.deregister_container_instance(cluster=room.cluster, containerInstance=agent.saved.arn, force=True)
    until(lambda: 3600.0 in agent.delays, "the agent to stay away")
    again = room.again(agent)
    assert room.instance(again)["status"] == "ACTIVE"
    until(lambda: not again.docker.running(), "the task to be stopped")
    assert again.saved.tasks[task].desired == "STOPPED"


def test_telemetry_of_an_instance_that_nobody_knows_is_refused_until_it_is_taken_up(room: Room) -> None:
    agent = room.join()
    unknown = {**agent._tcs_query(), "containerInstance": agent.saved.arn[:-1] + "x"}
    with pytest.raises(InvalidStatus) as refused:
        room.wire.upgrade(agent._discover()["telemetryEndpoint"], unknown)
    assert list(json.loads(refused.value.response.body or b"")) == ["InvalidInstanceException"]


@pytest.fixture
def checked(room: Room) -> tuple[Agent, str]:
    """An agent with a telemetry channel, and a running task whose container has a health check."""
    agent = room.join()
    task = room.run({"healthCheck": {"command": ["CMD-SHELL", "true"]}})
    room.until_task(task, "RUNNING")
    until(lambda: agent.heard_of_telemetry, "the telemetry channel")
    return agent, task


def health(task: str, status: str) -> dict[str, Any]:
    container = {"containerName": "app", "healthStatus": status, "statusSince": NOW}
    named = {"taskArn": task, "taskDefinitionFamily": "f", "taskDefinitionVersion": "1", "containers": [container]}
    return {"tasks": [named], "timestamp": NOW}


def acknowledged(agent: Agent) -> Callable[[str], bool]:
    return lambda kind: any(told == kind for told, _ in agent.heard_of_telemetry)


def test_health_in_signed_frames_is_the_tasks_health(room: Room, checked: tuple[Agent, str]) -> None:
    agent, task = checked
    for status in ("UNKNOWN", "HEALTHY", "UNHEALTHY"):
        agent.publish("PublishHealthRequest", health(task, status))
        until(lambda status=status: room.task(task)["healthStatus"] == status, status)  # type: ignore[misc]
    assert acknowledged(agent)("AckPublishHealth")
    assert room.task(task)["containers"][0]["healthStatus"] == "UNHEALTHY"


def test_every_publish_is_acknowledged(checked: tuple[Agent, str]) -> None:
    agent, _ = checked
    agent.publish("PublishMetricsRequest", {"taskMetrics": [], "timestamp": NOW})
    agent.publish("PublishInstanceStatusRequest", {"statuses": [], "timestamp": NOW})
    until(lambda: acknowledged(agent)("AckPublishInstanceStatus"), "the acknowledgement")
    assert acknowledged(agent)("AckPublishMetric")
    assert acknowledged(agent)("HeartbeatMessage")


def test_what_the_agent_finds_on_its_host_is_the_instances_health(room: Room, checked: tuple[Agent, str]) -> None:
    agent, _ = checked
    status = {"type": "ContainerRuntime", "status": "IMPAIRED", "statusReason": "docker ping failed"}
    at = {"lastUpdated": NOW, "lastStatusChange": NOW}
    agent.publish("PublishInstanceStatusRequest", {"statuses": [{**status, **at}], "timestamp": NOW})

    def shown() -> dict[str, Any]:
        return dict(room.instance(agent, "CONTAINER_INSTANCE_HEALTH")["healthStatus"])

    until(lambda: shown()["overallStatus"] == "IMPAIRED", "the instance to be impaired")
    runtime = next(d for d in shown()["details"] if d["type"] == "CONTAINER_RUNTIME")
    assert runtime["status"] == "IMPAIRED"
    assert runtime["lastUpdated"].timestamp() == pytest.approx(NOW, abs=1)


def test_a_frame_that_was_changed_on_its_way_does_not_count(room: Room, checked: tuple[Agent, str]) -> None:
    agent, task = checked
    assert agent.tcs is not None
    envelope = json.dumps({"type": "PublishHealthRequest", "message": health(task, "UNHEALTHY")})
    frame = agent.wire.frame(agent.tcs.url, envelope)
    agent.tcs.socket.send(frame.replace("UNHEALTHY", "HEALTHY"))
    until(lambda: acknowledged(agent)("BadRequestException"), "the refusal")
    assert not acknowledged(agent)("AckPublishHealth")
    assert room.task(task)["healthStatus"] == "UNKNOWN"
    agent.tcs.socket.send(frame)
    until(lambda: room.task(task)["healthStatus"] == "UNHEALTHY", "the channel to go on")


def test_a_frame_without_headers_counts_by_its_signed_upgrade(room: Room, checked: tuple[Agent, str]) -> None:
    agent, task = checked
    assert agent.tcs is not None
    agent.tcs.socket.send(json.dumps({"type": "PublishHealthRequest", "message": health(task, "HEALTHY")}))
    until(lambda: room.task(task)["healthStatus"] == "HEALTHY", "the health")


def test_what_nobody_understands_ends_no_channel(room: Room, checked: tuple[Agent, str]) -> None:
    agent, task = checked
    assert agent.tcs is not None
    assert agent.acs is not None
    for channel in (agent.tcs, agent.acs):
        channel.socket.send("no json")
        channel.socket.send(json.dumps({"type": "NewThing", "message": {"a": 1}}))
        channel.socket.send(json.dumps({"type": "PublishHealthRequest", "message": {"tasks": ["x", {"taskArn": 1}]}}))
        channel.socket.send(json.dumps({"type": "TaskStopVerificationMessage", "message": {"stopCandidates": [1]}}))
    room.stop(task)
    room.until_task(task, "STOPPED")
    assert not agent.closes
