"""What Docker's answers to an instruction become, and when it is asked again."""

import asyncio
from typing import Any

import pytest

from podium_agent.docker.client import DockerError
from podium_agent.docker.hands import Hands
from podium_agent.engine import events as e
from podium_agent.engine import instructions as i
from podium_agent.engine.records import Key

MAIN = Key(task_arn="task", name="main")
MISSING = DockerError(404, "No such container: c1")


class Docker:
    """`starts` are its answers to one start after the other; `there`, whether it shows the container."""

    def __init__(self, *starts: DockerError | None, there: bool) -> None:
        self.starts, self.there = list(starts), there

    async def start(self, docker_id: str) -> None:
        answer = self.starts.pop(0)
        if answer is not None:
            raise answer

    async def inspect(self, docker_id: str) -> dict[str, Any] | None:
        return {"Id": docker_id} if self.there else None


def started(docker: Docker) -> e.Event:
    return asyncio.run(Hands(docker).do(i.Start(key=MAIN, docker_id="c1")))  # type: ignore[arg-type]


def test_a_container_that_docker_overlooks_right_after_making_it_is_started_all_the_same() -> None:
    docker = Docker(MISSING, None, there=True)
    assert started(docker) == e.Started(key=MAIN)
    assert docker.starts == []


@pytest.mark.parametrize(
    ("answers", "there"),
    [([MISSING], False), ([MISSING, MISSING], True), ([DockerError(500, "no")], True)],
)
def test_a_start_that_docker_refuses_for_good_fails_with_its_reason(answers: list[DockerError], there: bool) -> None:
    docker = Docker(*answers, there=there)
    told = started(docker)
    assert isinstance(told, e.StartFailed)
    assert told.reason.startswith("CannotStartContainerError: ")
    assert docker.starts == []
