"""Log events that are old, or whose stream is gone, are forgotten."""

import asyncio

from podium.kernel.clock import Clock
from podium.logs import expiring
from podium.runtime.running import RunningCore
from podium.server.journals import ServerJournals


class LogRetention:
    def __init__(self, core: RunningCore, clock: Clock, journals: ServerJournals) -> None:
        self._core, self._clock, self._journals = core, clock, journals

    async def forget_old(self) -> None:
        """Raises NotWritten."""
        held = await self._journals.call(lambda journals: journals.events.held())
        due = await self._core.read(lambda tx: expiring.due(tx, held, self._clock.now()))
        waiting = await self._journals.call(
            lambda journals: [
                *(journals.events.forget(group, before) for group, before in due.before.items()),
                journals.events.forget_streams(list(due.gone)),
            ]
        )
        for one in waiting:
            await asyncio.wrap_future(one)
