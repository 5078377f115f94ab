"""What an instance should know of its tasks, read from the records."""

from typing import Any

from podium.ecs.acs import interfaces
from podium.ecs.acs.payload import task_payload
from podium.ecs.acs.session import Assignment
from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import Cluster, Stranger, Task, TaskDefinition, TaskStatus
from podium.ecs.rules import account_settings
from podium.store.session import Change, Transaction

TASK_ENDPOINT = "podium:task-endpoint"
"""A cluster's tag: with the value `aws`, its tasks' SDKs are left to call AWS itself."""


def of_task(tx: Transaction, task: Task) -> Assignment:
    definition = tx.get(TaskDefinition, task.task_definition_arn)
    if task.last_status not in HOLDING or task.last_status is TaskStatus.PROVISIONING or definition is None:
        return Assignment(task_arn=task.arn)
    mode = account_settings.of_home(tx, task.home, "defaultLogDriverMode")
    payload = interfaces.announced(tx, task, task_payload(task, definition, mode))
    cluster = tx.get(Cluster, task.cluster_arn)
    if cluster is not None and cluster.tags.get(TASK_ENDPOINT) == "aws":
        payload["apiEndpoint"] = "aws"
    if task.stops:
        return Assignment(task_arn=task.arn, desired="STOPPED", payload=payload)
    return Assignment(task_arn=task.arn, desired="RUNNING", payload=payload, reported=_reported(task))


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
    if isinstance(change.after, Task):
        return of_task(tx, change.after)
    if isinstance(change.after, Stranger):
        return of_stranger(change.after)
    return Assignment(task_arn=change.key)


def of_instance(tx: Transaction, instance_arn: str) -> list[Assignment]:
    """Every task that holds a place on the instance, and every stranger that is to stop."""
    tasks = [t for t in tx.list(Task, container_instance_arn=instance_arn) if t.last_status in HOLDING]
    strangers = [s for s in tx.list(Stranger, container_instance_arn=instance_arn) if s.stop_asked]
    return [*(of_task(tx, t) for t in tasks), *map(of_stranger, strangers)]
