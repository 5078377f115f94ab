"""Makes tasks known to load balancers and service registries before they are RUNNING, and forgotten before they stop.

A task that is to stop gets no signal before its places are free: drained, and their deregistration delay over. One
whose Spot capacity is taken back cannot wait for that.
Source: Amazon ECS Developer Guide, "Amazon ECS task lifecycle": ACTIVATING and DEACTIVATING.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from podium import elbv2
from podium.ecs import lifecycle, registries, targets
from podium.ecs.controllers import service_events
from podium.ecs.records import Service, ServiceStatus, StopCode, Task, TaskStatus, TaskTarget
from podium.ecs.timing import Timing
from podium.kernel.ids import Ids
from podium.store.records import replace
from podium.store.session import Change, Transaction

BATCH = 50  # tasks in a turn
OVER = frozenset({TaskStatus.STOPPING, TaskStatus.DEPROVISIONING, TaskStatus.STOPPED})


class Held(Protocol):
    holding: bool
    """Whether the whole of Podium goes down, so that nobody need be let finish."""


class AttachmentController:
    """Its keys are services."""

    name = "ecs.attachments"
    kinds = (Task, elbv2.Target)

    def __init__(self, ids: Ids, timing: Timing, services: Held) -> None:
        self._ids, self._timing, self._services = ids, timing, services

    def keys(self, change: Change) -> Iterable[str]:
        record = change.record
        if isinstance(record, Task) and record.service_arn and (record.targets or record.registrations):
            yield record.service_arn
        elif isinstance(record, elbv2.Target) and record.owner:
            yield targets.service_of(record)

    def all_keys(self, tx: Transaction) -> Iterable[str | None]:
        """A service may have no load balancer any more, or be forgotten, while its tasks still leave one."""
        return (t.service_arn if t.targets or t.registrations else None for t in tx.list(Task))

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        """Returns now when there is more to do. Who leaves goes first: who comes may get the same place."""
        service = tx.get(Service, key)  # None once its record is forgotten
        tasks = [t for t in tx.list(Task, service_arn=key) if t.targets or t.registrations]
        over = [t for t in tasks if t.last_status in OVER and t.is_attached]
        going = [t for t in tasks if t.last_status is TaskStatus.DEACTIVATING and t.is_attached]
        leaving = [t for t in going if targets.still_in(tx, t) or any(r.registered for r in t.registrations)]
        free = [t for t in going if self._services.holding or _is_pressed(t) or targets.are_free(tx, t)]
        coming = [t for t in tasks if t.last_status is TaskStatus.ACTIVATING]
        coming = [t for t in coming if t.desired_status is TaskStatus.RUNNING and targets.are_known(tx, t)]
        self._forget(tx, service, over[:BATCH], now)
        self._withdraw(tx, service, leaving[:BATCH], now)
        self._let_go(tx, free[:BATCH], now)
        if len(over) <= BATCH:
            self._attach(tx, service, coming[:BATCH], now)
        look = targets.look(tx)
        for task in tasks:
            if task.last_status is TaskStatus.RUNNING:
                _mirror(tx, task, look(task), now)
        return now if max(map(len, (over, leaving, free, coming))) > BATCH else None

    def _attach(self, tx: Transaction, service: Service | None, coming: Sequence[Task], now: datetime) -> None:
        taken: Counter[str] = Counter()
        for task in coming:
            places = [(wanted, targets.registered(tx, task, wanted, now)) for wanted in task.targets]
            taken.update(place.group_arn for _, place in places if place is not None)
            for wanted in (wanted for wanted, place in places if place is None):
                self._say(tx, service, service_events.not_registered(wanted.group_arn), now)
            known = tuple(place or wanted for wanted, place in places)
            tx.put(lifecycle.attached(task, now, targets=known, registrations=registries.entered(tx, task, now)))
        for arn, count in taken.items():
            self._say(tx, service, service_events.registered(count, arn), now)

    def _withdraw(self, tx: Transaction, service: Service | None, leaving: Sequence[Task], now: datetime) -> None:
        """Nothing new is sent to them. Their places stay on record until they are free."""
        left: Counter[str] = Counter()
        draining = 0
        for task in leaving:
            gone = self._leave(tx, task, now)
            left.update(place.group_arn for place in gone)
            draining += bool(gone)
            if any(held.registered for held in task.registrations):
                tx.put(replace(task, registrations=registries.withdrawn(tx, task, now)))
        self._tell(tx, service, left, draining, now)

    def _let_go(self, tx: Transaction, free: Sequence[Task], now: datetime) -> None:
        for arn in (task.arn for task in free):
            task = tx.get(Task, arn)  # as it was left just now
            assert task is not None, "a task that leaves is on record"
            if not any(held.registered for held in task.registrations):
                tx.put(lifecycle.leaving(replace(task, targets=tuple(map(_without, task.targets))), now))

    def _forget(self, tx: Transaction, service: Service | None, over: Sequence[Task], now: datetime) -> None:
        """Those that ended by themselves: nothing of them can be waited for."""
        left: Counter[str] = Counter()
        for task in over:
            left.update(place.group_arn for place in self._leave(tx, task, now))
            kept = tuple(map(_without, task.targets))
            tx.put(replace(task, targets=kept, registrations=registries.withdrawn(tx, task, now)))
        self._tell(tx, service, left, 0, now)

    def _leave(self, tx: Transaction, task: Task, now: datetime) -> list[TaskTarget]:
        places = targets.still_in(tx, task)
        for place in places:
            targets.leave(tx, task, place, self._timing.deregistration, now)
        return places

    def _tell(self, tx: Transaction, service: Service | None, left: Counter[str], draining: int, now: datetime) -> None:
        for arn, count in left.items():
            self._say(tx, service, service_events.deregistered(count, arn), now)
        if draining:
            self._say(tx, service, service_events.draining(draining), now)

    def _say(self, tx: Transaction, service: Service | None, tail: str, now: datetime) -> None:
        if service is not None and service.status is not ServiceStatus.INACTIVE:
            service_events.say(tx, self._ids, service, tail, now)


def _is_pressed(task: Task) -> bool:
    """It has two minutes, whatever a load balancer still sends it."""
    return task.stop_code is StopCode.SPOT_INTERRUPTION


def _without(place: TaskTarget) -> TaskTarget:
    return replace(place, id="", port=0)


def _mirror(tx: Transaction, task: Task, seen: Task, now: datetime) -> None:
    """What load balancers find becomes the task's, and what its containers find becomes its registries'."""
    if seen.registrations:
        registrations = registries.mirrored(tx, seen, now)
        seen = replace(seen, registrations=registrations) if registrations != seen.registrations else seen
    if seen is not task:
        tx.put(seen)
