"""Several threads in one core: nobody looks at the queue while another is changing it."""

import asyncio
import threading
from collections.abc import Iterable, Sequence
from datetime import datetime

import pytest

from podium.kernel.clock import WallClock
from podium.runtime.controller import Queue
from podium.runtime.core import Core
from podium.runtime.thread import CoreThread
from podium.store.records import record
from podium.store.session import Change, Store, Transaction

pytestmark = pytest.mark.timeout(30)


@record(table="turn_things")
class Thing:
    arn: str
    seen: int = 0


class Disk:
    def commit(self, changes: Sequence[Change], epoch: int) -> int:
        return 1


class Watched(Queue):
    """A queue that knows whether whoever touches it holds the core."""

    def __init__(self) -> None:
        super().__init__()
        self.core: CoreThread | None = None
        self.trespassers: set[str] = set()

    def _drop_stale(self) -> None:
        if self.core is not None and not self.core._at_work.locked():
            self.trespassers.add(threading.current_thread().name)
        super()._drop_stale()


class Follower:
    """Looks at every thing that changed, and again a moment later."""

    name = "follower"

    def keys(self, change: Change) -> Iterable[str]:
        return [change.key]

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return []

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        thing = tx.get(Thing, key)
        if thing is not None and thing.seen == 0:
            tx.put(Thing(arn=key, seen=1))
        return None


def test_the_queue_is_touched_by_whoever_holds_the_core_alone() -> None:
    core, queue = Core(Store([Thing]), [Follower()], WallClock()), Watched()
    core.queue = queue
    thread = CoreThread(core, Disk(), 1, lambda reason: None)  # type: ignore[arg-type]
    queue.core = thread

    async def story() -> None:
        for n in range(200):
            arn = f"t{n}"
            await thread.call(lambda tx, arn=arn: tx.put(Thing(arn=arn)))  # type: ignore[misc]

    thread.start()
    try:
        asyncio.run(story())
    finally:
        thread.stop()
    assert queue.trespassers == set()
