"""The core: one order of events. Every transaction and every plan runs here, one after the other.

This module is the order itself, without a thread: `running.py` gives it one, the simulation steps it by hand.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from podium.kernel.clock import Clock
from podium.kernel.errors import ClientError
from podium.runtime.controller import Controller, Queue
from podium.store.session import Change, Group, Store, Transaction

T = TypeVar("T")
Work = Callable[[Transaction], Any]
Done = Callable[[Any, BaseException | None], None]
Watcher = Callable[[Sequence[Change]], None]
At = tuple[str, str]  # a controller and one of its keys
Outbox = Callable[[Transaction, datetime], None]

FULL_LOOK_EVERY = timedelta(minutes=5)
AFTER_A_BUG = timedelta(seconds=30)  # a reconcile that raised is tried again, but not in a tight loop
AFTER_A_LOSS = timedelta(seconds=1)  # a disk that is full is not asked again in a tight loop
LONG = timedelta(milliseconds=2)  # for one key
LOOKED_AT_ONCE = 1_000  # keys of a full look, in a turn
RESTS = 9  # times as long as it took
log = logging.getLogger("podium.core")


class NotSaved(Exception):
    """The group that held this answer could not be written; nothing of it happened."""


@dataclass(slots=True)
class Batch:
    """A sealed group and the answers that wait for it."""

    group: Group | None
    answers: list[Callable[[], None]] = field(default_factory=list)
    refusals: list[Callable[[BaseException], None]] = field(default_factory=list)


class Core:
    def __init__(
        self, store: Store, controllers: Sequence[Controller], clock: Clock, outbox: Outbox | None = None
    ) -> None:
        """`outbox` may add to a transaction that changes something, before it is staged."""
        self.store, self.clock, self._outbox = store, clock, outbox
        self.queue = Queue()
        self.watchers: list[Watcher] = []
        self.bugs = 0
        self._controllers = {controller.name: controller for controller in controllers}
        self._woken_by: dict[type[Any], list[Controller]] = {}
        for controller in controllers:
            for kind in controller.kinds:
                self._woken_by.setdefault(kind, []).append(controller)
        self._open = Batch(None)
        self._in_flight: Batch | None = None
        self._next_full_look = clock.now()
        self._look: Iterator[list[At]] | None = None  # the full one that is under way
        self._rests_until: dict[At, datetime] = {}

    def read(self, work: Work, done: Done) -> None:
        """Run `work` on what is durable. It never waits for a commit."""
        try:
            result = work(self.store.reading())
        except Exception as error:
            done(None, error)
        else:
            done(result, None)

    def write(self, work: Work, done: Done) -> None:
        """Run `work` in a transaction; `done` is called when all that it saw and wrote is durable."""
        tx = self.store.writing()
        try:
            result = work(tx)
        except Exception as error:
            self._answer_later(done, None, error)
            return
        self._stage(tx)
        self._answer_later(done, result, None)

    def turn(self) -> bool:
        """Reconcile the next key that is due. False when there is none."""
        now = self.clock.now()
        if now >= self._next_full_look:
            self.look_everywhere(now)
        if self._look is not None:
            self._look_on(self._look, now)
        at = self.queue.take(now)
        if at is None:
            return self._look is not None
        name, key = at
        tx = self.store.writing()
        try:
            again = self._controllers[name].reconcile(tx, key, now)
        except Exception:
            self.bugs += 1
            log.exception("reconcile failed controller=%s key=%s", name, key)
            self.queue.add(name, key, now + AFTER_A_BUG)
            return True
        self._let_rest(at, now)
        self._stage(tx)
        if again is not None:
            self.queue.add(name, key, again)
        return True

    def _let_rest(self, at: At, began: datetime) -> None:
        """What took long is not done again for every change: it would keep the core from all else.

        The more keys take long, the longer each rests: together they take one part of the time, not each of them.
        """
        ended = self.clock.now()
        self._rests_until.pop(at, None)
        if ended - began >= LONG:
            others = sum(until > ended for until in self._rests_until.values())
            self._rests_until[at] = ended + (ended - began) * RESTS * (1 + others)

    def look_everywhere(self, now: datetime) -> None:
        """Wake every key of every controller, some in each turn. It should find nothing to do."""
        self._next_full_look = now + FULL_LOOK_EVERY
        self._look = self._every_key()

    def _every_key(self) -> Iterator[list[At]]:
        """Those of a controller together, unless they are very many."""
        for name, controller in self._controllers.items():
            try:
                keys = iter(controller.all_keys(self.store.writing()))
                while some := list(islice(keys, LOOKED_AT_ONCE)):
                    yield [(name, key) for key in some if key is not None]
            except Exception:
                self.bugs += 1
                log.exception("a full look failed controller=%s", name)

    def _look_on(self, look: Iterator[list[At]], now: datetime) -> None:
        found = next(look, None)
        if found is None:
            self._look = None
            return
        for at in found:
            self.queue.add(*at, now)

    def next_due(self) -> datetime:
        """When `turn` may next find something, if nothing else happens."""
        if self._look is not None:
            return self.clock.now()
        due = self.queue.next_due()
        return self._next_full_look if due is None else min(due, self._next_full_look)

    def seal(self) -> Batch | None:
        """What to write to disk now; None when nothing waits or a batch is still being written."""
        if self._in_flight is not None or not (self._open.answers or self.store.unsettled):
            return None
        self._open.group = self.store.seal()
        assert self._open.group is not None or not self.store.unsettled, "what was staged is written"
        self._in_flight, self._open = self._open, Batch(None)
        return self._in_flight

    def landed(self, batch: Batch) -> None:
        """The batch is durable: show it, answer for it, let its effects out."""
        assert batch is self._in_flight, "batches land in order"
        group = batch.group
        if group is not None:
            self.store.landed(group)
        self._in_flight = None
        if group is not None:
            for watch in self.watchers:
                self._let_see(watch, group.changes)
        for answer in batch.answers:
            answer()

    def lost(self, error: BaseException) -> None:
        """Nothing of the batch in flight, nor of what was built on it, ever happened."""
        refused = [*(self._in_flight.refusals if self._in_flight else []), *self._open.refusals]
        self._in_flight, self._open = None, Batch(None)
        self.store.lost()
        for refuse in refused:
            refuse(error)
        self.queue, self._rests_until, self._look = Queue(), {}, None  # the next full look wakes every key anew
        self._next_full_look = self.clock.now() + AFTER_A_LOSS

    def _stage(self, tx: Transaction) -> None:
        if not tx.changes:
            return
        now = self.clock.now()
        if self._outbox is not None:
            self._let_tell(tx, now)
        self.store.stage(tx)
        for change in tx.changes:
            for controller in self._woken_by.get(change.kind, ()):
                self._wake(controller, change, now)

    def _wake(self, controller: Controller, change: Change, now: datetime) -> None:
        """What is staged is staged, whatever a controller makes of it."""
        try:
            for key in controller.keys(change):
                at = (controller.name, key)
                self.queue.add(*at, max(now, self._rests_until.get(at, now)))
        except Exception:
            self.bugs += 1
            log.exception("a change could not wake controller=%s", controller.name)

    def _let_see(self, watch: Watcher, changes: Sequence[Change]) -> None:
        """What landed has landed, whatever a watcher makes of it."""
        try:
            watch(changes)
        except Exception:
            self.bugs += 1
            log.exception("a watcher failed")

    def _let_tell(self, tx: Transaction, now: datetime) -> None:
        """What happened counts, whether or not it can be told."""
        assert self._outbox is not None
        try:
            self._outbox(tx, now)
        except Exception:
            self.bugs += 1
            log.exception("events of a transaction are missing")

    def _answer_later(self, done: Done, result: Any, error: Exception | None) -> None:
        if not self.store.unsettled and not self._open.answers and self._in_flight is None:
            done(result, error)
            return
        if error is not None and not isinstance(error, ClientError):
            done(None, error)
            return
        self._open.answers.append(lambda: done(result, error))
        self._open.refusals.append(lambda reason: done(None, NotSaved(str(reason))))
