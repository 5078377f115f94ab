"""What the tests of agent processes share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.control_plane import ControlPlane
from docker.agents import AgentProcess


@pytest.fixture
def plane() -> Iterator[ControlPlane]:
    with ControlPlane() as plane:
        yield plane


@pytest.fixture
def agent(plane: ControlPlane, tmp_path: Path) -> Iterator[AgentProcess]:
    agent = AgentProcess(plane, tmp_path)
    yield agent
    if agent.process is not None and agent.process.poll() is None:
        agent.end()
    agent.sweep()
