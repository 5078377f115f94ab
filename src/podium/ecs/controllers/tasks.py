"""Moves tasks that are to stop on their way, as far as they can go without their agent.

A task that waits for capacity which Podium does not have is given up after a while.
"""

from collections.abc import Iterable
from datetime import datetime

from podium.ecs import lifecycle
from podium.ecs.records import StopCode, Task, TaskStatus
from podium.ecs.timing import Timing
from podium.store.session import Change, Transaction


class TaskController:
    name = "ecs.tasks"
    kinds = (Task,)

    def __init__(self, timing: Timing) -> None:
        self._timing = timing

    def keys(self, change: Change) -> Iterable[str]:
        if isinstance(change.after, Task) and _restless(change.after):
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str | None]:
        return (t.arn if _restless(t) else None for t in tx.list(Task))

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        task = tx.get(Task, key)
        if task is None or not _restless(task):
            return None
        if task.desired_status is TaskStatus.RUNNING:
            due = task.created_at + self._timing.provisioning_most
            if due > now:
                return due
            reason = f"TaskFailedToStart: {task.waits_for}"
            task = lifecycle.asked_to_stop(task, StopCode.TASK_FAILED_TO_START, reason, now)
        tx.put(lifecycle.leaving(task, now))
        return None


def _restless(task: Task) -> bool:
    waits = bool(task.waits_for) and task.last_status is TaskStatus.PROVISIONING
    return waits or task.desired_status is TaskStatus.STOPPED
