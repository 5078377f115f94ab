"""Ends task definitions that are being deleted, once nothing refers to them any more."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from podium.ecs.records import Service, ServiceStatus, Task, TaskDefinition, TaskDefinitionStatus, TaskSet, TaskStatus
from podium.ecs.timing import Timing
from podium.store.session import Change, Transaction

GOING = TaskDefinitionStatus.DELETE_IN_PROGRESS


class TaskDefinitionController:
    name = "ecs.task-definitions"
    kinds = (TaskDefinition, Task, Service, TaskSet)

    def __init__(self, timing: Timing) -> None:
        self._timing = timing

    def keys(self, change: Change) -> Iterable[str]:
        if isinstance(change.after, TaskDefinition) and change.after.status is GOING:
            yield change.key
        if isinstance(change.after, Task) and change.after.last_status is TaskStatus.STOPPED:
            yield change.after.task_definition_arn
        if isinstance(change.before, Service):
            yield from set(_used(change.before)) - set(_used(change.after) if change.after else ())
        if isinstance(change.before, TaskSet) and change.after is None:
            yield change.before.task_definition_arn

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return [d.arn for d in tx.list(TaskDefinition) if d.status is GOING]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        definition = tx.get(TaskDefinition, key)
        if definition is None or definition.status is not GOING:
            return None
        due = (definition.delete_requested_at or now) + self._timing.deleted_definitions_kept
        if due > now:
            return due
        if not _in_use(tx, definition):
            tx.delete(definition)
        return None


def _in_use(tx: Transaction, definition: TaskDefinition) -> bool:
    tasks = tx.list(Task, task_definition_arn=definition.arn)
    if any(t.last_status is not TaskStatus.STOPPED for t in tasks):
        return True
    if tx.list(TaskSet, task_definition_arn=definition.arn):
        return True
    return any(definition.arn in _used(s) for s in tx.list(Service, home=definition.home))


def _used(service: Any) -> Iterator[str]:
    if service.status is not ServiceStatus.INACTIVE:
        yield service.task_definition_arn
        yield from (d.task_definition_arn for d in service.deployments)
