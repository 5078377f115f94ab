"""A host whose agent is gone for good, with a real server, real agents and real containers."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docker.agents import SRC, containers_of
from docker.images import tiny
from server.server_process import Server, running
from waiting import until

pytestmark = pytest.mark.timeout(600)
LOST_AFTER = 10
HEEDFUL = "trap 'exit 0' TERM; while :; do sleep 0.05; done"


class Host:
    """An agent of the default cluster, with a data dir of its own; it can be killed and started again."""

    def __init__(self, server: Server, place: Path) -> None:
        place.mkdir()
        self._command = [sys.executable, "-m", "podium_agent", "--endpoint", server.url, "--profile", "agent"]
        self._command += ["--credentials-file", str(server.data_dir / "credentials.json"), "--cluster", "default"]
        self._command += ["--data-dir", str(place / "agent"), "--cpu", "1024", "--memory", "512"]
        self.place, self.log = place, place / "agent.log"
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(self._command, env={**os.environ, "PYTHONPATH": str(SRC)}, stderr=log)

    def start(self) -> None:
        self.process = self._started()

    def end(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.process.wait(60)

    def sweep(self) -> None:
        if self.process.poll() is None:
            self.end()
        command = [sys.executable, "-m", "podium_agent", "sweep", "--data-dir", str(self.place / "agent")]
        subprocess.run(command, env={**os.environ, "PYTHONPATH": str(SRC)}, check=True, capture_output=True)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "server", "--lost-after", str(LOST_AFTER), log=tmp_path / "server.log") as server:
        server.client().create_cluster()
        yield server


@pytest.fixture
def hosts(server: Server, tmp_path: Path) -> Iterator[list[Host]]:
    made = [Host(server, tmp_path / f"host-{number}") for number in range(3)]
    until(lambda: connected(server) == 3, "three hosts")
    yield made
    for host in made:
        host.sweep()


def connected(server: Server) -> int:
    return int(json.loads(server.get("/_podium/health")[1])["agentsConnected"])


def tasks(ecs: Any, desired: str) -> list[dict[str, Any]]:
    arns = ecs.list_tasks(desiredStatus=desired)["taskArns"]
    return list(ecs.describe_tasks(tasks=arns)["tasks"]) if arns else []


def up(ecs: Any) -> list[dict[str, Any]]:
    return [t for t in tasks(ecs, "RUNNING") if t["lastStatus"] == "RUNNING"]


def test_a_host_whose_agent_was_killed_is_replaced_and_its_copy_stopped_when_it_is_back(
    server: Server, hosts: list[Host]
) -> None:
    ecs = server.client()
    container = {"name": "main", "image": tiny(), "memory": 32, "command": ["sh", "-c", HEEDFUL]}
    ecs.register_task_definition(family="web", containerDefinitions=[container])
    strategy = [{"type": "spread", "field": "instanceId"}]
    ecs.create_service(serviceName="web", taskDefinition="web", desiredCount=3, placementStrategy=strategy)
    until(lambda: len(up(ecs)) == 3, "three tasks")
    before = up(ecs)
    hosts[1].end(signal.SIGKILL)
    until(lambda: connected(server) == 2, "the control plane to miss it")
    [lost] = until(lambda: tasks(ecs, "STOPPED"), "its task to be lost", 3 * LOST_AFTER)
    assert (lost["lastStatus"], lost["stopCode"]) == ("STOPPED", "InfrastructureHealth")
    assert lost["taskArn"] in {t["taskArn"] for t in before}
    until(lambda: len(up(ecs)) == 3, "another in its place")
    [orphan] = containers_of(lost["taskArn"])
    assert state(orphan) == "running", "nobody is there to stop it"
    hosts[1].start()
    until(lambda: state(orphan) != "running", "the copy to stop")
    until(lambda: "exitCode" in tasks(ecs, "STOPPED")[0]["containers"][0], "how it ended")
    assert len(up(ecs)) == 3


def state(docker_id: str) -> str:
    shown = ["docker", "inspect", "--format", "{{.State.Status}}", docker_id]
    return subprocess.run(shown, capture_output=True, text=True).stdout.strip() or "gone"
