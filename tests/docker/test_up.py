"""The whole of Podium, started and ended by its own command line, on a real Docker Engine."""

import json
import os
import signal
import subprocess

import pytest

from cli.command_line import THE_REAL_ONE, CommandLine
from docker.images import tiny
from launch.podium_for_tests import NO_DOCKER
from waiting import until

ENGINE = "unix:///var/run/docker.sock"
STOPS_AT_ONCE = "trap 'exit 0' TERM; echo hello; while true; do sleep 0.1; done"


class Machine(CommandLine):
    """A Podium of its own on this machine's Docker Engine. Removes what it ran, whatever the test did."""

    def __init__(self, folder, docker_host=ENGINE):
        super().__init__(folder / "data", folder, program=THE_REAL_ONE, docker_host=docker_host)

    def up(self, *words):
        started = self("up", "--detach", "--port", "0", *words)
        assert started.returncode == 0, started.stderr
        return started.stdout

    def down(self, *words):
        ended = self("down", *words)
        assert (ended.returncode, ended.stderr) == (0, "")
        return ended.stdout

    def aws(self, *words):
        answer = self("aws", *words, "--output", "json")
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout or "null")

    def serve(self, name, count):
        """A service of `count` tasks, all of them running."""
        container = {"name": "web", "image": tiny(), "memory": 32, "command": ["sh", "-c", STOPS_AT_ONCE]}
        self.aws(
            "ecs", "register-task-definition", "--family", name, "--container-definitions", json.dumps([container])
        )
        self.aws(
            "ecs", "create-service", *("--service-name", name, "--task-definition", name), f"--desired-count={count}"
        )
        until(lambda: self.running(name) == count, f"{count} running tasks of {name}")

    def running(self, service):
        return next(one["running"] for one in self.status()["services"] if one["name"] == service)

    def containers(self):
        """Docker's ids of the running containers of this Podium's instances."""
        ours = {one["arn"] for one in self.status()["containerInstances"]}
        return {identity for identity, instance in running_containers() if instance in ours}

    def pid(self, part):
        return next(process["pid"] for process in self.status()["processes"] if process["name"] == part)

    def close(self):
        super().close()
        self("down")


def running_containers():
    shown = '{{.ID}} {{.Label "podium.container-instance"}}'
    listed = subprocess.run(["docker", "ps", "--format", shown], check=True, capture_output=True, text=True).stdout
    return [(line.split(" ")[0], line.split(" ")[1]) for line in listed.splitlines() if " " in line]


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path)
    yield machine
    machine.close()


def test_a_service_from_up_to_down_and_up_again(machine):
    said = machine.up("--instances", "2", "--zones", "a,b")
    assert "2 container instances" in said
    machine.serve("web", 2)
    told = machine.status()
    assert sorted(one["zone"] for one in told["containerInstances"]) == ["us-east-1a", "us-east-1b"]
    assert [one["runningTasks"] for one in told["containerInstances"]] == [1, 1]
    assert machine("logs", told["tasks"][0]["id"][:12]).stdout == "hello\n"

    first = machine.containers()
    assert machine.down() == "Podium has ended; 2 tasks stopped.\n"
    assert first.isdisjoint(identity for identity, _ in running_containers())

    machine.up("--instances", "2", "--zones", "a,b")
    until(lambda: machine.running("web") == 2, "the service to start again")
    assert machine.containers().isdisjoint(first)


def test_when_up_returns_every_instance_is_connected_the_second_time_too(machine):
    machine.up("--instances", "2")
    machine.aws("ecs", "create-cluster", "--cluster-name", "more")
    machine.down()
    for _ in range(3):
        machine.up("--instances", "2")
        assert [one["agentConnected"] for one in machine.status()["containerInstances"]] == [True] * 4
        machine.down()


@pytest.mark.parametrize("part", ["server", "agent-1", "supervisor"])
def test_killing_any_part_neither_stops_nor_repeats_a_task(machine, part):
    machine.up()
    machine.serve("web", 2)
    before, pid = machine.containers(), machine.pid(part)
    os.kill(pid, signal.SIGKILL)
    if part == "supervisor":
        machine.up()
    else:
        until(lambda: machine.status()["running"] and machine.pid(part) not in (None, pid), f"a new {part}")
    until(lambda: all(one["agentConnected"] for one in machine.status()["containerInstances"]), "the agent to be back")
    assert machine.containers() == before
    assert machine.running("web") == 2


def test_tasks_left_running_are_taken_over_by_the_next_up(machine):
    machine.up()
    machine.serve("web", 1)
    before = machine.containers()
    machine.down("--leave-tasks")
    assert before <= {identity for identity, _ in running_containers()}
    machine.up()
    until(lambda: machine.running("web") == 1, "the task to be taken over")
    assert machine.containers() == before


def test_down_after_leaving_tasks_removes_them_without_a_server(machine):
    machine.up()
    machine.serve("web", 1)
    before = machine.containers()
    machine.down("--leave-tasks")
    assert "Removed 1 container" in machine.down()
    assert before.isdisjoint(identity for identity, _ in running_containers())


def test_two_podiums_on_one_engine_never_see_each_other(machine, tmp_path):
    other = Machine(tmp_path / "other")
    other.data_dir.parent.mkdir()
    try:
        machine.up()
        other.up()
        machine.serve("web", 1)
        other.serve("web", 1)
        mine, theirs = machine.containers(), other.containers()
        assert mine.isdisjoint(theirs)
        other.down()
        assert machine.containers() == mine
        assert theirs.isdisjoint(identity for identity, _ in running_containers())
    finally:
        other.close()


def test_a_restored_podium_takes_over_what_runs(machine, tmp_path):
    machine.up()
    machine.serve("old", 1)
    assert machine("backup", str(tmp_path / "backup.tar.gz")).returncode == 0
    machine.serve("new", 1)
    before = machine.containers()
    machine.down("--leave-tasks")
    restored = machine("restore", str(tmp_path / "backup.tar.gz"), "--force")
    assert restored.returncode == 0, restored.stderr
    machine.up()
    until(lambda: machine.running("old") == 1, "the task of the old service to be taken over")
    assert [one["name"] for one in machine.status()["services"]] == ["old"]
    assert machine.containers() == before


def test_without_docker_the_api_works_and_says_that_no_task_can_run(tmp_path):
    machine = Machine(tmp_path, docker_host=NO_DOCKER)
    try:
        assert "No task can run yet" in machine.up()
        machine.aws("ecs", "create-cluster", "--cluster-name", "there")
        assert "there" in [cluster["name"] for cluster in machine.status()["clusters"]]
        assert machine.down() == "Podium has ended; 0 tasks stopped.\n"
    finally:
        machine.close()


def test_a_foreground_podium_ends_with_ctrl_c_and_leaves_nothing(machine):
    up = machine.start("up", "--port", "0")
    assert "is ready at" in up.stdout.readline()
    machine.serve("web", 1)
    containers = machine.containers()
    up.send_signal(signal.SIGINT)
    up.communicate(timeout=60)
    assert up.returncode == 0
    assert containers.isdisjoint(identity for identity, _ in running_containers())
    assert machine.status()["running"] is False
