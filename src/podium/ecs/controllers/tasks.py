"""Moves tasks that are to stop on their way, as far as they can go without their agent."""

from collections.abc import Iterable
from datetime import datetime

from podium.ecs import lifecycle
from podium.ecs.records import Task, TaskStatus
from podium.store.session import Change, Transaction


class TaskController:
    name = "ecs.tasks"

    def keys(self, change: Change) -> Iterable[str]:
        if isinstance(change.after, Task) and change.after.desired_status is TaskStatus.STOPPED:
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return [t.arn for t in tx.list(Task) if t.desired_status is TaskStatus.STOPPED]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        task = tx.get(Task, key)
        if task is not None:
            tx.put(lifecycle.leaving(task, now))
        return None
