"""A full disk on a host, on a real engine: the agent's data dir is a file system of its own, as small as can be."""

import subprocess
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import pytest

from agent.control_plane import ControlPlane
from docker.test_agent import AgentProcess, a_container, a_task, containers_of, docker
from waiting import until


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """The place of an agent whose data dir holds 1 MiB."""
    mounted = tmp_path / "agent"
    mounted.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", str(mounted)], check=True)
    yield tmp_path
    subprocess.run(["umount", str(mounted)], check=True)


@pytest.fixture
def agent(plane: ControlPlane, small: Path) -> Iterator[AgentProcess]:
    agent = AgentProcess(plane, small)
    yield agent
    (small / "agent" / "filler").unlink(missing_ok=True)
    if agent.process is not None and agent.process.poll() is None:
        agent.end()
    agent.sweep()


@pytest.fixture
def plane() -> Iterator[ControlPlane]:
    with ControlPlane() as plane:
        yield plane


def fill(folder: Path) -> Path:
    """To the last byte."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (4096, 1):
            with pytest.raises(OSError, match="No space left on device"):
                write_on(file, b"x" * size)
    return filler


def write_on(file: FileIO, block: bytes) -> None:
    while True:
        file.write(block)


def test_nothing_is_acknowledged_that_is_not_kept_and_nothing_that_runs_is_stopped(
    plane: ControlPlane, agent: AgentProcess
) -> None:
    ran = plane.run(a_task(a_container("sh", "-c", "trap 'exit 5' TERM; while :; do sleep 0.1; done")))
    plane.wait_for(ran, "RUNNING")
    filler = fill(agent.data_dir)
    task = a_task(a_container())
    message = plane.send("PayloadMessage", tasks=[task], seqNum=10)
    assert agent.process is not None
    assert agent.process.wait(20) == 1
    assert "cannot be written: database or disk is full. Containers run on" in agent.logged()
    assert message not in {m.body.get("messageId") for m in plane.said}
    assert containers_of(task["arn"]) == []

    docker("stop", *containers_of(ran))
    agent.start()
    assert agent.process.wait(20) == 1
    filler.unlink()
    agent.start()
    assert plane.wait_for(ran, "STOPPED")["containers"][0]["exitCode"] == 5
    until(lambda: plane.connected, "the agent to be back")
    plane.send("PayloadMessage", tasks=[task], seqNum=10)
    plane.wait_for(task["arn"], "RUNNING")
    assert len(containers_of(task["arn"])) == 1
