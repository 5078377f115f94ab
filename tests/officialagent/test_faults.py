"""What goes wrong between the open-source agent and its control plane, and comes right again."""

import json
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from officialagent.conftest import Room
from server.server_process import Server, running
from waiting import until


def test_every_report_may_come_twice(room: Room) -> None:
    agent = room.join()
    agent.faults.every_report_twice = True
    task = room.run({}, {"name": "side", "essential": False, "image": "exits-3"})
    first = room.until_task(task, "RUNNING")
    agent.docker.exit(task, "app", 9)
    shown = room.until_task(task, "STOPPED")
    assert {c["name"]: c["exitCode"] for c in shown["containers"]} == {"app": 9, "side": 3}
    assert shown["startedAt"] == first["startedAt"]
    assert (shown["stopCode"], shown["pullStartedAt"]) == ("EssentialContainerExited", first["pullStartedAt"])


def test_reports_whose_answers_are_lost_come_again_and_change_nothing(room: Room) -> None:
    agent = room.join()
    agent.faults.lost_answers = 3
    task = room.run()
    room.until_task(task, "RUNNING")
    until(lambda: agent.faults.lost_answers == 0, "the answers to be lost")
    room.stop(task)
    assert room.until_task(task, "STOPPED")["containers"][0]["exitCode"] == 143


def test_a_late_report_takes_nothing_back(room: Room) -> None:
    agent = room.join()
    task = room.run()
    room.until_task(task, "RUNNING")
    agent.docker.exit(task, "app", 4)
    before = room.until_task(task, "STOPPED")
    entry = {"containerName": "app", "status": "RUNNING", "runtimeId": "x"}
    late = {"cluster": room.cluster, "task": task, "status": "RUNNING", "reason": "", "containers": [entry]}
    room.wire.call("SubmitTaskStateChange", late)
    assert room.task(task) == before


def test_an_agent_killed_before_it_told_of_the_start_tells_of_it_later(room: Room) -> None:
    agent = room.join()
    agent.faults.reports_held = True
    task = room.run()
    until(lambda: agent.docker.running(), "the container")
    assert room.task(task)["lastStatus"] == "PENDING"
    again = room.again(agent)
    room.until_task(task, "RUNNING")
    assert len(again.docker.containers) == 1


def test_a_container_that_ends_while_nobody_looks_is_told_with_its_exit_code(room: Room) -> None:
    agent = room.join()
    task = room.run()
    room.until_task(task, "RUNNING")
    agent.kill()
    agent.docker.exit(task, "app", 42)
    room.join(agent.saved, agent.docker)
    shown = room.until_task(task, "STOPPED")
    assert (shown["containers"][0]["exitCode"], shown["stopCode"]) == (42, "EssentialContainerExited")


def test_killed_before_telling_and_ended_meanwhile_it_has_still_run(room: Room) -> None:
    agent = room.join()
    agent.faults.reports_held = True
    task = room.run()
    until(lambda: agent.docker.running(), "the container")
    agent.kill()
    agent.docker.exit(task, "app", 6)
    room.join(agent.saved, agent.docker)
    shown = room.until_task(task, "STOPPED")
    assert (shown["containers"][0]["exitCode"], shown["stopCode"]) == (6, "EssentialContainerExited")


def test_a_start_that_was_lost_comes_with_the_next_link(room: Room) -> None:
    agent = room.join()
    agent.faults.deaf_to.add("PayloadMessage")
    task = room.run()
    agent.faults.deaf_to.clear()
    agent.hang_up()
    room.until_task(task, "RUNNING")


def test_a_stop_that_was_lost_comes_with_the_next_link(room: Room) -> None:
    agent = room.join()
    task = room.run()
    room.until_task(task, "RUNNING")
    agent.faults.deaf_to.add("PayloadMessage")
    room.stop(task)
    until(lambda: room.task(task)["desiredStatus"] == "STOPPED", "the stop")
    assert agent.docker.running()
    agent.faults.deaf_to.clear()
    agent.hang_up()
    room.until_task(task, "STOPPED")


def test_a_start_whose_acknowledgement_was_lost_starts_nothing_twice(room: Room) -> None:
    agent = room.join()
    agent.faults.mute_about.add("AckRequest")
    task = room.run()
    room.until_task(task, "RUNNING")
    agent.hang_up()
    until(lambda: agent.connections == 2, "the next link")
    until(lambda: sum(kind == "PayloadMessage" for kind, _ in agent.heard) == 2, "the payload again")
    assert len(agent.docker.containers) == 1


def test_a_task_that_came_to_an_end_before_it_was_known_is_told_as_stopped(room: Room) -> None:
    """Stopped while the agent was away: its first word of the task is the stop."""
    agent = room.join()
    agent.faults.deaf_to.add("PayloadMessage")
    task = room.run()
    agent.kill()
    room.stop(task)
    room.join(agent.saved, agent.docker)
    room.until_task(task, "STOPPED")
    assert not agent.docker.containers


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_killed_control_plane_finds_everything_as_it_was(data_dir: Path, rooms: Callable[[Server], Room]) -> None:
    port = str(free_port())
    with running(data_dir, "--port", port) as server:
        room = rooms(server)
        agent = room.join()
        tasks = [room.run(), room.run()]
        for task in tasks:
            room.until_task(task, "RUNNING")
        server.end(signal.SIGKILL)
        agent.docker.exit(tasks[0], "app", 11)
    with running(data_dir, "--port", port) as server:
        room.server = server
        until(lambda: agent.connections == 2, "the agent to be back")
        assert room.until_task(tasks[0], "STOPPED")["containers"][0]["exitCode"] == 11
        assert room.task(tasks[1])["lastStatus"] == "RUNNING"
        until(lambda: sum(kind == "TaskManifestMessage" for kind, _ in agent.heard) == 2, "the second manifest")
        assert not agent.dropped, "numbers rise over a restart"
        room.until_task(room.run(), "RUNNING")
        agent.kill()


def test_an_emptied_control_plane_takes_the_instance_up_and_stops_nothing(
    tmp_path: Path, rooms: Callable[[Server], Room]
) -> None:
    """The agent registers only when it starts, so its instance must not wait for that."""
    port, first, second = str(free_port()), tmp_path / "first", tmp_path / "second"
    with running(first, "--port", port) as server:
        room = rooms(server)
        agent = room.join()
        task = room.run()
        room.until_task(task, "RUNNING")
        server.end(signal.SIGKILL)
    second.mkdir(mode=0o700)
    (second / "credentials.json").write_bytes((first / "credentials.json").read_bytes())
    with running(second, "--port", port) as server:
        room.server = server
        until(lambda: agent.connections == 2, "the agent to be taken up")
        assert 3600.0 not in agent.delays
        until(lambda: strangers(server) == [task], "its task to be listed")
        shown = room.instance(agent)
        assert (shown["agentConnected"], shown["registeredResources"][1]["integerValue"]) == (True, 0)
        assert agent.docker.running(), "what nobody knows is not stopped"
        _, journal = server.get("/_podium/audit", server.signed("GET", "/_podium/audit"))
        assert b"RegisterContainerInstance" in journal

        room.stop(task)
        until(lambda: not agent.docker.running(), "the stranger to be stopped")
        until(lambda: strangers(server) == [], "the stranger to be forgotten")

        again = room.again(agent)
        assert again.saved.arn == agent.saved.arn
        assert room.instance(again)["registeredResources"][1]["integerValue"] == 3900
        room.until_task(room.run(), "RUNNING")
        again.kill()


def strangers(server: Server) -> list[str]:
    _, body = server.get("/_podium/strangers", server.signed("GET", "/_podium/strangers"))
    return [s["taskArn"] for s in json.loads(body)["strangers"]]
