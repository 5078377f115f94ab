"""Once a minute, what the tasks of services use is written into the journal of metrics."""

import asyncio
import logging

from podium.ecs.metering import utilization
from podium.journals.kept import NotWritten
from podium.journals.metrics import Sample
from podium.kernel.clock import Clock
from podium.runtime.thread import CoreThread
from podium.server.journals import ServerJournals
from podium.server.usage import Usage

MINUTE = 60
TASKS_AT_ONCE = 500  # looked at in one turn of the core
log = logging.getLogger("podium.metering")


async def write_each_minute(core: CoreThread, clock: Clock, usage: Usage, journals: ServerJournals) -> None:
    """For as long as it is not cancelled."""
    while True:
        began = int(clock.now().timestamp()) // MINUTE * MINUTE
        await asyncio.sleep(began + MINUTE - clock.now().timestamp())
        try:
            await journals.append(await used(core, usage, began))
        except NotWritten as error:
            log.warning("what services used is not saved reason=%s", error)


async def used(core: CoreThread, usage: Usage, began: int) -> list[Sample]:
    told, found = list(usage.samples().items()), list[Sample]()
    for first in range(0, len(told), TASKS_AT_ONCE):
        tasks = told[first : first + TASKS_AT_ONCE]
        found += await core.read(lambda tx, tasks=tasks: utilization(tx, tasks, began))  # type: ignore[misc]
    return found
