"""The core at work on asyncio's loop, and the thread that writes to the database.

Doors, controllers and what has landed take turns on one thread; nothing in the core is looked at from another. Only
the disk is waited for elsewhere.
"""

import asyncio
import logging
import sys
import time
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar, cast

from podium.runtime.core import Batch, Core, NotSaved
from podium.store.database import Database, Deposed, OutcomeUnknown, StoreError
from podium.store.session import Transaction

T = TypeVar("T")
TURN_SECONDS = 0.005  # how long controllers may keep the doors waiting
PASSES = 4  # of the loop between two of their turns: a call goes through as many until it is answered
LONGEST_SLEEP = 60.0  # seconds; a clock that was set is noticed by then
MOST_WAITING = 100  # changes for the disk, beside those that are on their way: what lands at once is told at once
SWITCH_SECONDS = 0.001
"""How long a thread keeps the interpreter when another wants it: the disk's gives it away at every statement."""
log = logging.getLogger("podium.core")


class RunningCore:
    """Runs a core on the loop that `start` is called from, and is called there alone.

    `stepped_down` is called, once, when it may not write any more; `over` then says why."""

    def __init__(self, core: Core, database: Database, epoch: int, stepped_down: Callable[[str], None]) -> None:
        self.core = core
        self._database, self._epoch, self._stepped_down = database, epoch, stepped_down
        self._to_disk: SimpleQueue[Batch | Callable[[], None] | None] = SimpleQueue()
        self._disk = Thread(target=self._write, name="disk")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next: asyncio.Handle | None = None  # the controllers' turn
        self._next_at = 0.0  # by the loop's clock
        self._ending: asyncio.Future[None] | None = None
        self.over: StoreError | None = None
        self._ended = False
        self.commits = 0
        self.commit_seconds = 0.0
        self.slowest_commit = 0.0

    def start(self) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        self._loop = asyncio.get_running_loop()
        self._disk.start()
        self._call_turns()

    async def stop(self) -> None:
        """Write what was asked for, and end."""
        assert self._loop is not None, "it was started"
        self._ending = self._loop.create_future()
        if self._next is not None:
            self._next.cancel()
        self._hand_to_disk()
        self._end_if_settled()
        await self._ending
        self.over, self._ended = self.over or StoreError("The server has ended."), True
        self._to_disk.put(None)
        await asyncio.to_thread(self._disk.join)

    async def call(self, work: Callable[[Transaction], T]) -> T:
        """The result of `work` in a transaction, once all that it saw and wrote is durable. Raises NotSaved."""
        assert self._loop is not None, "it was started"
        if self.over is not None:
            raise NotSaved(str(self.over))
        future: asyncio.Future[Any] = self._loop.create_future()
        self.core.write(work, partial(_settle, future))
        self._hand_to_disk()
        self._call_turns()
        return cast(T, await future)

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """The result of `work` on what is durable."""
        return work(self.core.store.reading())

    async def ask(self, question: Callable[[Database], T]) -> T:
        """The result of `question`, which is put to the database between two commits. Raises what it raises."""
        assert self._loop is not None, "it was started"
        if self._ended:
            raise StoreError("The server has ended.")
        future: asyncio.Future[Any] = self._loop.create_future()
        loop = self._loop

        def put() -> None:
            try:
                result = question(self._database)
            except Exception as error:
                loop.call_soon_threadsafe(_settle, future, None, error)
            else:
                loop.call_soon_threadsafe(_settle, future, result, None)

        self._to_disk.put(put)
        return cast(T, await future)

    def _call_turns(self) -> None:
        """See that the controllers' next turn comes when it is due. Whoever lands a batch calls those that wait."""
        assert self._loop is not None, "it was started"
        if self.over is not None or self._ending is not None or self._is_ahead():
            return
        wait = min(LONGEST_SLEEP, (self.core.next_due() - self.core.clock.now()).total_seconds())
        at = self._loop.time() + max(wait, 0.0)
        if self._next is not None:
            if self._next_at <= at:
                return
            self._next.cancel()
        self._next_at = at
        if wait > 0:
            self._next = self._loop.call_later(wait, self._take_turns)
        else:
            self._next = self._loop.call_soon(self._let_by, PASSES - 1)

    def _let_by(self, passes: int) -> None:
        """Whoever is at the doors goes first."""
        assert self._loop is not None, "it was started"
        if passes:
            self._next = self._loop.call_soon(self._let_by, passes - 1)
        else:
            self._take_turns()

    def _take_turns(self) -> None:
        """A while at most; then whoever came to the doors meanwhile is heard first."""
        self._next = None
        until = time.monotonic() + TURN_SECONDS
        try:
            while self.over is None and not self._is_ahead() and self.core.turn() and time.monotonic() < until:
                continue
        finally:  # a bug of one turn is not the end of all others
            self._hand_to_disk()
            self._call_turns()

    def _is_ahead(self) -> bool:
        """Of the disk, so far that controllers wait for it."""
        return self.core.store.waiting > MOST_WAITING

    def _hand_to_disk(self) -> None:
        batch = self.core.seal()
        if batch is None:
            return
        if batch.group is None:
            self.core.landed(batch)
        else:
            self._to_disk.put(batch)

    def _landed(self, batch: Batch, error: StoreError | None) -> None:
        if error is None:
            try:
                self.core.landed(batch)
            except Exception as bug:  # what is kept and what is known may differ now: only a new start mends that
                log.exception("what is saved cannot be shown")
                error = OutcomeUnknown(f"What was saved cannot be shown: {bug!r}.")
        if error is None:
            self._hand_to_disk()
        else:
            self._failed(error)
        self._call_turns()
        self._end_if_settled()

    def _end_if_settled(self) -> None:
        is_settled = self.over is not None or not self.core.store.unsettled
        if is_settled and self._ending is not None and not self._ending.done():
            self._ending.set_result(None)

    def _write(self) -> None:
        """In the disk's thread."""
        assert self._loop is not None, "it was started"
        while (asked := self._to_disk.get()) is not None:
            if isinstance(asked, Batch):
                self._loop.call_soon_threadsafe(self._landed, asked, self._committed(asked))
            else:
                asked()

    def _committed(self, batch: Batch) -> StoreError | None:
        began = time.monotonic()
        assert batch.group is not None, "an empty batch does not go to the disk"
        try:
            self._database.commit(batch.group.changes, self._epoch)
        except StoreError as error:
            return error
        except Exception as error:
            log.exception("the database failed in a way of its own")
            return OutcomeUnknown(f"The last commit may or may not be on the disk: {error}.")
        self._measure(time.monotonic() - began)
        return None

    def _measure(self, seconds: float) -> None:
        self.commits += 1
        self.commit_seconds += seconds
        self.slowest_commit = max(self.slowest_commit, seconds)

    def _failed(self, error: StoreError) -> None:
        log.error("commit failed reason=%s", error)
        self.core.lost(error)
        if self.over is None and isinstance(error, Deposed | OutcomeUnknown):
            self.over = error
            self._stepped_down(str(error))


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():
        return  # whoever asked is gone
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
