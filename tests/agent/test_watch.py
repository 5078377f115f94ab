"""What the agent makes of Docker's events."""

import asyncio
import time
from typing import Any

import pytest

from podium_agent.docker import watch
from podium_agent.docker.watch import Watch
from podium_agent.engine.events import Died
from podium_agent.engine.specs import INSTANCE_LABEL
from podium_program.log import Log

LOOKS = 1 + len(watch._LATE_NEWS_SECONDS)


class Docker:
    """One container dies of SIGKILL. That memory had run out is told from the look of that number on, if ever."""

    def __init__(self, at: float, told_at_look: int) -> None:
        self._at, self._told_at_look, self.looks = at, told_at_look, 0

    async def events(self, filters: Any) -> Any:
        actor = {"ID": "d", "Attributes": {INSTANCE_LABEL: "i", "exitCode": "137"}}
        yield {"Action": "die", "Actor": actor, "timeNano": int(self._at * 1e9)}
        await asyncio.get_running_loop().create_future()

    async def inspect(self, docker_id: str) -> dict[str, Any]:
        self.looks += 1
        return {"State": {"OOMKilled": self.looks >= self._told_at_look}}


class Kernel:
    """Its log names these containers."""

    def __init__(self, *ended: str) -> None:
        self._ended = ended

    def ended(self, docker_id: str) -> bool:
        return docker_id in self._ended


async def heard(docker: Docker, kernel: Kernel | None = None) -> Died:
    came = asyncio.get_running_loop().create_future()
    watching = Watch(docker, kernel or Kernel(), Log())  # type: ignore[arg-type]
    watching.listen("i", came.set_result)
    working = asyncio.create_task(watching.run())
    try:
        return await asyncio.wait_for(came, 60)
    finally:
        working.cancel()


@pytest.mark.parametrize("look", [1, 2, LOOKS, LOOKS + 1])
def test_that_memory_ran_out_is_heard_even_if_docker_tells_of_it_late(
    monkeypatch: pytest.MonkeyPatch, look: int
) -> None:
    monkeypatch.setattr(watch, "_LATE_NEWS_SECONDS", tuple(0.0 for _ in watch._LATE_NEWS_SECONDS))
    docker = Docker(time.time(), told_at_look=look)
    died = asyncio.run(heard(docker))
    assert (died.exit.out_of_memory, docker.looks) == (look <= LOOKS, min(look, LOOKS))


def test_an_end_that_was_long_ago_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events that came in a heap do not hold one another up."""
    monkeypatch.setattr(watch, "_LATE_NEWS_SECONDS", (600.0, 600.0))
    assert not asyncio.run(heard(Docker(time.time() - 700, told_at_look=9))).exit.out_of_memory


def test_what_the_kernel_wrote_down_needs_no_word_from_docker() -> None:
    """Docker never hears of it when the control group is gone before it looks."""
    docker = Docker(time.time(), told_at_look=LOOKS + 1)
    died = asyncio.run(heard(docker, Kernel("d")))
    assert (died.exit.out_of_memory, docker.looks) == (True, 0)
