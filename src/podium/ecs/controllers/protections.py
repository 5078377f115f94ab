"""Task protection runs out, or goes with its task. The service is looked at whenever its tasks' protection changes."""

from collections.abc import Iterable
from datetime import datetime

from podium.ecs.records import Task, TaskProtection, TaskStatus
from podium.store.session import Change, Transaction


class ProtectionController:
    name = "ecs.protections"
    kinds = (Task, TaskProtection)

    def keys(self, change: Change) -> Iterable[str]:
        ended = isinstance(change.after, Task) and change.after.last_status is TaskStatus.STOPPED
        if change.kind is TaskProtection or ended:
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return [p.arn for p in tx.list(TaskProtection)]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        protection, task = tx.get(TaskProtection, key), tx.get(Task, key)
        if protection is None:
            return None
        if task is not None and task.last_status is not TaskStatus.STOPPED and protection.expires_at > now:
            return protection.expires_at
        tx.delete(protection)
        return None
