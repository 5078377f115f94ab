"""The core's own thread, the thread that writes to the database, and the doors' way to both."""

import asyncio
import logging
import sys
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar, cast

from podium.runtime.core import Batch, Core, Done, Work
from podium.store.database import Database, Deposed, OutcomeUnknown, StoreError
from podium.store.session import Transaction

T = TypeVar("T")
Message = Callable[[], None] | None
MOST_MESSAGES = 200  # in one turn
TURN_SECONDS = 0.010  # how long controllers may keep the doors waiting
MOST_WAITING = 300  # changes for the disk, beside those that are on their way: what lands at once is told at once
SWITCH_SECONDS = 0.001
"""How long a thread keeps the interpreter when another wants it: a connection gives it away each time it is looked at,
and at Python's 5 ms a busy core left asyncio two hundred looks a second."""
FAR_AWAY = datetime.max.replace(tzinfo=UTC)
log = logging.getLogger("podium.core")


def _promise() -> tuple[asyncio.Future[Any], Done]:
    """What asyncio's side waits for, and what another thread calls to fulfil it."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)

    def done(result: Any, error: BaseException | None) -> None:
        loop.call_soon_threadsafe(settle, result, error)

    return future, done


def _nothing() -> None:
    """What a wake-up has to say."""


class CoreThread:
    """Runs a core, one thread at a time: its own for controllers, the disk's for what has landed, asyncio's for calls.

    `stepped_down` is called, once, when it may not write any more."""

    def __init__(self, core: Core, database: Database, epoch: int, stepped_down: Callable[[str], None]) -> None:
        self.core = core
        self._database, self._epoch, self._stepped_down = database, epoch, stepped_down
        self._inbox: SimpleQueue[Message] = SimpleQueue()
        self._questions: deque[Callable[[], None]] = deque()  # they go before whatever is in the inbox
        self._at_work = Lock()  # held by whoever is in the core
        self._sleeps_until = core.clock.now()
        self._to_disk: SimpleQueue[Batch | Callable[[], None] | None] = SimpleQueue()
        self._threads = [Thread(target=self._run, name="core"), Thread(target=self._write, name="disk")]
        self._over: StoreError | None = None  # why nothing can be written any more
        self.commits = 0
        self.commit_seconds = 0.0
        self.slowest_commit = 0.0

    def start(self) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what was asked, write it, and end both threads."""
        self._inbox.put(None)
        self._threads[0].join()
        self._to_disk.put(None)
        self._threads[1].join()

    def submit(self, work: Work, done: Done, reads: bool = False) -> None:
        """Run `work` in the core. `done` is called from one of its threads."""
        if reads:
            self._questions.append(lambda: self.core.read(work, done))
            self._inbox.put(_nothing)
        else:
            self._inbox.put(lambda: self.core.write(work, done))

    async def call(self, work: Callable[[Transaction], T], reads: bool = False) -> T:
        """The result of `work`, for asyncio's side.

        While the core rests its turn is taken right here: changing threads takes longer than most work does.
        """
        if self._over is None and self._at_work.acquire(blocking=False):
            try:
                if reads:
                    return work(self.core.store.reading())
                future, done = _promise()
                self.core.write(work, done)
                self._hand_to_disk()
                self._wake_if_due()
            finally:
                self._at_work.release()
        else:
            future, done = _promise()
            self.submit(work, done, reads)
        return cast(T, await future)

    async def read(self, work: Callable[[Transaction], T]) -> T:
        return await self.call(work, reads=True)

    async def ask(self, question: Callable[[Database], T]) -> T:
        """The result of `question`, which is put to the database between two commits."""
        future, done = _promise()

        def put() -> None:
            try:
                result = question(self._database)
            except Exception as error:
                done(None, error)
            else:
                done(result, None)

        self._to_disk.put(put)
        return cast(T, await future)

    def _run(self) -> None:
        stopping, messages = False, list[Message]()
        while True:
            with self._at_work:
                stopping = self._take(messages) or stopping
                if self._over is not None:
                    self.core.lost(self._over)  # whoever still asks for a write is refused at once
                else:
                    self._take_turns()
                    self._hand_to_disk()
                if stopping and self._quiet():
                    return
                self._sleeps_until = FAR_AWAY if self._is_ahead() else self.core.next_due()
            messages = self._wait(0.01 if stopping else self._patience())

    def _wait(self, seconds: float) -> list[Message]:
        """What was sent in, as soon as there is anything; nothing when the time is up."""
        messages: list[Message] = []
        try:
            messages.append(self._inbox.get(timeout=seconds))
            while len(messages) < MOST_MESSAGES:
                messages.append(self._inbox.get_nowait())
        except Empty:
            pass
        return messages

    def _take(self, messages: list[Message]) -> bool:
        """Do what was asked; True when one word was to stop. What is still to land comes after that word."""
        self._answer()
        for message in messages:
            if message is not None:
                message()
                self._answer()
        return None in messages

    def _take_turns(self) -> None:
        until = time.monotonic() + TURN_SECONDS
        while not self._is_ahead() and self.core.turn() and time.monotonic() < until:
            self._answer()

    def _answer(self) -> None:
        """Questions about what is durable. They are quick, and people wait for them."""
        while self._questions:
            self._questions.popleft()()

    def _is_ahead(self) -> bool:
        """Of the disk, so far that controllers wait for it. Whoever lands the next batch wakes them."""
        return self.core.store.waiting > MOST_WAITING

    def _hand_to_disk(self) -> None:
        batch = self.core.seal()
        if batch is None:
            return
        if batch.group is None:
            self.core.landed(batch)
        else:
            self._to_disk.put(batch)

    def _patience(self) -> float:
        return min(60.0, max(0.0, (self._sleeps_until - self.core.clock.now()).total_seconds()))

    def _wake_if_due(self) -> None:
        """Tell the core's own thread that there is something to do before it means to get up.

        For whoever holds the core: looking at the queue tidies it, and two who tidy at once lose keys.
        """
        if self.core.next_due() < self._sleeps_until:
            self._inbox.put(_nothing)

    def _quiet(self) -> bool:
        return self._over is not None or not self.core.store.unsettled

    def _write(self) -> None:
        while (batch := self._to_disk.get()) is not None:
            if not isinstance(batch, Batch):
                batch()
                continue
            error = self._committed(batch)
            with self._at_work:
                if error is None:
                    self.core.landed(batch)
                    self._hand_to_disk()
                else:
                    self._failed(error)
                self._wake_if_due()

    def _committed(self, batch: Batch) -> StoreError | None:
        began = time.monotonic()
        assert batch.group is not None
        if self._over is not None:  # staged by a thread that had not yet heard of it
            return self._over
        try:
            self._database.commit(batch.group.changes, self._epoch)
        except StoreError as error:
            return error
        self._measure(time.monotonic() - began)
        return None

    def _measure(self, seconds: float) -> None:
        self.commits += 1
        self.commit_seconds += seconds
        self.slowest_commit = max(self.slowest_commit, seconds)

    def _failed(self, error: StoreError) -> None:
        log.error("commit failed reason=%s", error)
        self.core.lost(error)
        if self._over is None and isinstance(error, Deposed | OutcomeUnknown):
            self._over = error
            self._stepped_down(str(error))
