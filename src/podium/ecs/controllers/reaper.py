"""Forgets what AWS forgets: tasks an hour after they stopped, and what was deleted an hour ago."""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from podium.ecs.records import ExpressService, Service, ServiceEvent, ServiceStatus, Task, TaskStatus
from podium.ecs.timing import Timing
from podium.store.session import Change, Transaction


class Reaper:
    name = "ecs.reaper"
    kinds = (Task, Service)

    def __init__(self, timing: Timing) -> None:
        self._timing = timing

    def keys(self, change: Change) -> Iterable[str]:
        if self._ended(change.after) is not None:
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str | None]:
        records: Iterable[Task | Service] = chain(tx.list(Task), tx.list(Service))
        return (record.arn if self._ended(record) is not None else None for record in records)

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        record = tx.get(Task, key) or tx.get(Service, key)
        due = self._ended(record)
        if due is None or due > now:
            return due
        for event in tx.list(ServiceEvent, service_arn=key):
            tx.delete(event)
        if (express := tx.get(ExpressService, key)) is not None:
            tx.delete(express)
        tx.delete(record)
        return None

    def _ended(self, record: object) -> datetime | None:
        """When the record may be forgotten; None while it is still alive."""
        if isinstance(record, Task) and record.last_status is TaskStatus.STOPPED and record.stopped_at:
            return record.stopped_at + self._timing.stopped_kept
        if isinstance(record, Service) and record.status is ServiceStatus.INACTIVE and record.stopped_at:
            return record.stopped_at + self._timing.inactive_kept
        return None
