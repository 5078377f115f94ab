"""From the changes of a transaction to its events, just before it is staged: both become durable or neither does.

A version rises by one with every event and with nothing else, whatever steps a transaction took a record through.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

from podium.ecs.eventing import instances, services, tasks
from podium.ecs.eventing.told import Told
from podium.ecs.records import ContainerInstance, Service, ServiceEvent, Task
from podium.events import Event, key
from podium.kernel.ids import Ids
from podium.store.records import replace
from podium.store.session import Transaction

KINDS = frozenset({ContainerInstance, Service, ServiceEvent, Task})

EARLIEST = datetime.min.replace(tzinfo=UTC)


class Outbox:
    """Called in the core, with every transaction that changes anything."""

    def __init__(self, ids: Ids) -> None:
        self._numbers, self._latest = count(1), EARLIEST
        self._prefix = ids.uuid()[:24]  # the rest of an id is the number: chance is dear, and guessing one no use

    def __call__(self, tx: Transaction, now: datetime) -> None:
        before: dict[str, tuple[type[Any], Any]] = {}
        for change in tx.changes:
            if change.kind in KINDS:
                before.setdefault(change.key, (change.kind, change.before))
        for arn, (kind, old) in before.items():
            new: Any = tx.get(kind, arn)
            if new is not None:
                for told in _news(tx, kind, old, new, now):
                    tx.append(self._event(told, now))

    def _event(self, told: Told, now: datetime) -> Event:
        _, _, _, region, account, _ = told.resource.split(":", 5)
        number = next(self._numbers)
        self._latest = max(self._latest, now)  # keys rise also while a clock is set back
        return Event(
            arn=key(self._latest, number),
            id=f"{self._prefix}{number:012x}",
            at=now,
            account=account,
            region=region,
            source="aws.ecs",
            detail_type=told.detail_type,
            resources=(told.resource,),
            detail=told.detail,
        )


def _news(tx: Transaction, kind: type[Any], old: Any, new: Any, now: datetime) -> Iterator[Told]:
    if kind is Task:
        if settled := _settled(tx, old, new, tasks.shown):
            yield tasks.told(tx, settled, now)
    elif kind is ContainerInstance:
        settled = _settled(tx, old, new, instances.shown)
        told = instances.told(tx, settled, now) if settled is not None else None
        if told is not None:
            yield told
    elif kind is Service:
        yield from services.changed(old, new, now)
    elif old is None:
        service = tx.get(Service, new.service_arn)
        action = services.action(service, new) if service is not None else None
        if action is not None:
            yield action


def _settled(tx: Transaction, old: Any, new: Any, shown: Any) -> Any:
    """The record with the version that its event has; None when there is nothing to tell."""
    is_news = old is None or shown(old) != shown(new)
    version = 1 if old is None else old.version + is_news
    if new.version != version:
        new = tx.put(replace(new, version=version))
    return new if is_news else None
