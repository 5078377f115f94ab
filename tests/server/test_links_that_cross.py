"""An agent that comes back while its old channel is still closing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import pytest

from handcore import HandCore
from inprocess import Plane
from podium.ecs.records import ContainerInstance
from podium.runtime.core import NotSaved
from podium.server import hub
from podium.server.hub import Admitted, Hub
from podium.store.session import Transaction
from podium_protocol import Message, decode

T = TypeVar("T")


class Handing(HandCore):
    """Lets others run between a call and its answer, as a core that waits for the disk does."""

    async def call(self, work: Callable[[Transaction], T]) -> T:
        result = self.run(work)
        for _ in range(20):
            await asyncio.sleep(0)
        return result


def admitted(instance: ContainerInstance, **members: Any) -> Admitted:
    """An agent that tells of no state change, unless it is said how it is taken."""

    async def taken(change: object) -> None:
        raise AssertionError("nothing was to be told")

    return Admitted(**{"instance": instance, "versions": {}, "takes": taken, **members})


class Line:
    """A socket that is silent until it is cut."""

    def __init__(self) -> None:
        self.cut, self.heard = asyncio.Event(), asyncio.Event()
        self.said: asyncio.Queue[Message] = asyncio.Queue()

    async def send(self, text: str) -> None:
        self.said.put_nowait(decode(text))
        self.heard.set()

    async def texts(self) -> AsyncIterator[str]:
        await self.cut.wait()
        for text in ():
            yield text

    async def close(self, code: int, reason: str) -> None:
        self.cut.set()


def test_the_new_channel_counts_however_late_the_old_one_goes(plane: Plane) -> None:
    plane.ready(instances=1)
    [instance] = plane.records(ContainerInstance)

    async def story() -> None:
        core: Any = Handing(plane.core, plane.database, plane.assembled.epoch)
        door = Hub(core, 1, plane.clock, plane.ids, plane.sealer)
        old, new = Line(), Line()
        first = asyncio.create_task(door.serve_acs(old, admitted(instance)))
        await old.heard.wait()
        second = asyncio.create_task(door.serve_acs(new, admitted(instance)))
        old.cut.set()
        await first
        await new.heard.wait()
        assert plane.record(ContainerInstance, instance.arn).agent_connected
        assert door.connected == 1
        new.cut.set()
        await second
        assert not plane.record(ContainerInstance, instance.arn).agent_connected

    asyncio.run(story())


def test_what_changes_while_a_channel_opens_is_said_after_what_was_there(plane: Plane) -> None:
    """Said the other way round, an old start would follow a new stop."""
    plane.ready(instances=1)
    [instance] = plane.records(ContainerInstance)
    task = plane.ecs.run_task(taskDefinition="web")["tasks"][0]["taskArn"]

    class Stopping(Handing):
        async def read(self, work: Callable[[Transaction], T]) -> T:
            found = self.run(work, reads=True)
            plane.ecs.stop_task(task=task)
            plane.run()
            for _ in range(20):
                await asyncio.sleep(0)
            return found

    async def story() -> None:
        core: Any = Stopping(plane.core, plane.database, plane.assembled.epoch)
        door, line = Hub(core, 1, plane.clock, plane.ids, plane.sealer), Line()
        serving = asyncio.create_task(door.serve_acs(line, admitted(instance)))
        told = [await line.said.get() for _ in range(4)]
        line.cut.set()
        await serving
        assert [m.type for m in told[:2]] == ["HeartbeatMessage", "TaskManifestMessage"]
        assert [m.body["tasks"][0]["desiredStatus"] for m in told[2:]] == ["RUNNING", "STOPPED"]

    asyncio.run(story())


def test_a_link_that_goes_while_nothing_can_be_saved_is_on_record_as_gone_later(
    plane: Plane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else tasks would be placed where nobody hears of them."""
    monkeypatch.setattr(hub, "TICK_SECONDS", 0.0)
    plane.ready(instances=1)
    [instance] = plane.records(ContainerInstance)

    class Full(Handing):
        failures = 0

        async def call(self, work: Callable[[Transaction], T]) -> T:
            if self.failures:
                self.failures -= 1
                raise NotSaved("Nothing was saved: the disk is full.")
            return await super().call(work)

    async def story() -> None:
        core = Full(plane.core, plane.database, plane.assembled.epoch)
        door, line = Hub(core, 1, plane.clock, plane.ids, plane.sealer), Line()  # type: ignore[arg-type]
        serving = asyncio.create_task(door.serve_acs(line, admitted(instance)))
        await line.heard.wait()
        for _ in range(30):
            await asyncio.sleep(0)
        core.failures = 3
        line.cut.set()
        await serving
        assert core.failures == 0
        assert door.connected == 0

    asyncio.run(story())
    assert not plane.record(ContainerInstance, instance.arn).agent_connected
