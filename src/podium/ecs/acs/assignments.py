"""What an instance should know of its tasks, read from the records."""

from typing import Any

from podium.ecs.acs import interfaces
from podium.ecs.acs.payload import task_payload
from podium.ecs.acs.session import Assignment
from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import Cluster, Stranger, Task, TaskDefinition, TaskStatus
from podium.ecs.rules import account_settings
from podium.store.session import Change, Transaction
from podium_protocol import payload as wire

TASK_ENDPOINT = "podium:task-endpoint"
"""A cluster's tag: with the value `aws`, its tasks' SDKs are left to call AWS itself."""


def of_task(tx: Transaction, task: Task, *, is_news: bool = True) -> Assignment:
    """Without a payload where it is no news."""
    definition = tx.get(TaskDefinition, task.task_definition_arn)
    desired = _desired(task)
    if not desired or definition is None:
        return Assignment(task_arn=task.arn)
    reported = desired == "RUNNING" and _reported(task)
    payload = _payload(tx, task, definition) if is_news else None
    return Assignment(task_arn=task.arn, desired=desired, payload=payload, reported=reported)


def _desired(task: Task) -> str:
    """What its instance should know; nothing where it has no part in it, or no more."""
    if task.last_status not in HOLDING or task.last_status is TaskStatus.PROVISIONING:
        return ""
    return "STOPPED" if task.stops else "RUNNING"


def _payload(tx: Transaction, task: Task, definition: TaskDefinition) -> wire.Task:
    mode = account_settings.of_home(tx, task.home, "defaultLogDriverMode")
    payload = interfaces.announced(tx, task, task_payload(task, definition, mode))
    cluster = tx.get(Cluster, task.cluster_arn)
    if cluster is not None and cluster.tags.get(TASK_ENDPOINT) == "aws":
        payload["apiEndpoint"] = "aws"
    return payload


def _reported(task: Task) -> bool:
    """Whether its agent has told anything of it."""
    begun = task.started_at is not None or task.pull_started_at is not None
    return begun or any(c.last_status != "PENDING" or c.image_digest for c in task.containers)


def of_stranger(stranger: Stranger) -> Assignment:
    """Nothing, until somebody asked for it to stop."""
    if not stranger.stop_asked:
        return Assignment(task_arn=stranger.arn)
    payload: dict[str, Any] = {
        "arn": stranger.arn,
        "taskClusterArn": stranger.cluster_arn,
        "desiredStatus": "STOPPED",
        "family": stranger.family,
        "version": stranger.version,
        "containers": [],
        "overrides": "{}",
    }
    if stranger.stop_timeout is not None:
        payload["stopTimeout"] = stranger.stop_timeout
    return Assignment(task_arn=stranger.arn, desired="STOPPED", payload=payload)  # type: ignore[arg-type]


def of_change(tx: Transaction, change: Change) -> Assignment:
    """What a changed task or stranger means for the instance it is on."""
    before, after = change.before, change.after
    if isinstance(after, Task):
        return of_task(tx, after, is_news=not (isinstance(before, Task) and _same(before, after)))
    if isinstance(after, Stranger):
        return of_stranger(after)
    return Assignment(task_arn=change.key)


def _same(before: Task, after: Task) -> bool:
    """Whether the instance was told all of it before."""
    return before.container_instance_arn == after.container_instance_arn and _desired(before) == _desired(after)


def of_instance(tx: Transaction, instance_arn: str) -> list[Assignment]:
    """Every task that holds a place on the instance, and every stranger that is to stop."""
    tasks = [t for t in tx.list(Task, container_instance_arn=instance_arn) if t.last_status in HOLDING]
    strangers = [s for s in tx.list(Stranger, container_instance_arn=instance_arn) if s.stop_asked]
    return [*(of_task(tx, t) for t in tasks), *map(of_stranger, strangers)]
