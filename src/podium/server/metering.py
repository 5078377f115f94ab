"""Once a minute, what the tasks of services use is written into the journal of metrics."""

import asyncio
import logging

from podium.ecs.metering import utilization
from podium.journals.errors import NotWritten
from podium.journals.metrics import Sample
from podium.kernel.clock import Clock
from podium.runtime.running import RunningCore
from podium.server.journals import ServerJournals
from podium.server.usage import Usage

MINUTE = 60
TASKS_AT_ONCE = 500  # looked at in one turn of the core
log = logging.getLogger("podium.metering")


async def write_each_minute(core: RunningCore, clock: Clock, usage: Usage, journals: ServerJournals) -> None:
    """For as long as it is not cancelled."""
    while True:
        began = int(clock.now().timestamp()) // MINUTE * MINUTE
        await asyncio.sleep(began + MINUTE - clock.now().timestamp())
        try:
            await journals.append(await used(core, usage, began))
        except NotWritten as error:
            log.warning("what services used is not saved reason=%s", error)


async def used(core: RunningCore, usage: Usage, began: int) -> list[Sample]:
    """A few tasks at a time, so that nobody waits for all of them."""
    tasks, found = usage.tasks(), list[Sample]()
    for first in range(0, len(tasks), TASKS_AT_ONCE):
        told = usage.samples(tasks[first : first + TASKS_AT_ONCE]).items()
        found += await core.read(lambda tx, told=told: utilization(tx, told, began))  # type: ignore[misc]
        await asyncio.sleep(0)
    return found
