"""An agent that comes back while its old channel is still closing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from handcore import HandCore
from inprocess import Plane
from podium.ecs.records import ContainerInstance
from podium.server.hub import Hub
from podium.store.session import Transaction

T = TypeVar("T")


class Handing(HandCore):
    """Lets others run between a call and its answer, as a core with threads does."""

    async def call(self, work: Callable[[Transaction], T], reads: bool = False) -> T:
        result = self.run(work, reads)
        for _ in range(20):
            await asyncio.sleep(0)
        return result

    async def read(self, work: Callable[[Transaction], T]) -> T:
        return await self.call(work, reads=True)


class Line:
    """A socket that is silent until it is cut."""

    def __init__(self) -> None:
        self.cut, self.heard = asyncio.Event(), asyncio.Event()

    async def send(self, text: str) -> None:
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
        hub = Hub(core, 1, plane.clock, plane.ids, plane.sealer)
        old, new = Line(), Line()
        first = asyncio.create_task(hub.serve_acs(old, instance, {}, knows_credentials=True))
        await old.heard.wait()
        second = asyncio.create_task(hub.serve_acs(new, instance, {}, knows_credentials=True))
        old.cut.set()
        await first
        await new.heard.wait()
        assert plane.record(ContainerInstance, instance.arn).agent_connected
        assert hub.connected == 1
        new.cut.set()
        await second
        assert not plane.record(ContainerInstance, instance.arn).agent_connected

    asyncio.run(story())
