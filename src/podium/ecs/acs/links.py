"""What the channel writes: that an agent came or went, what its tasks' health is, which stops are meant.

Each is a function of a transaction, to be run in the core.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from podium.ecs.acs import adoption
from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import ContainerInstance, InstanceStatus, Stranger, Task
from podium.ecs.rules import checking, reports
from podium.store.records import replace
from podium.store.session import Transaction


def connected(tx: Transaction, instance_arn: str, versions: Mapping[str, str]) -> ContainerInstance | None:
    """Mark the agent connected and keep its versions; None when the instance may not connect."""
    instance = tx.get(ContainerInstance, instance_arn)
    if instance is None or instance.status is InstanceStatus.INACTIVE or instance.revoked_at is not None:
        return None
    return tx.put(
        replace(
            instance,
            agent_connected=True,
            disconnected_at=None,
            is_off=False,
            agent_hash=versions.get("agentHash", ""),
            agent_version=versions.get("agentVersion", ""),
            docker_version=versions.get("dockerVersion", ""),
            version=instance.version + 1,
        )
    )


def disconnected(tx: Transaction, instance_arn: str, now: datetime) -> None:
    instance = tx.get(ContainerInstance, instance_arn)
    if instance is not None and instance.agent_connected:
        tx.put(replace(instance, agent_connected=False, disconnected_at=now, version=instance.version + 1))


def all_disconnected(tx: Transaction, now: datetime) -> None:
    """No agent is connected to a server that has only just started."""
    for instance in tx.list(ContainerInstance):
        disconnected(tx, instance.arn, now)


def health_reported(tx: Transaction, instance_arn: str, tasks: object) -> None:
    """What an instance says of its own tasks; of others' its word does not count."""
    for told in _objects(tasks):
        task = tx.get(Task, str(told.get("taskArn", "")))
        if task is not None and task.container_instance_arn == instance_arn:
            tx.put(reports.health_merged(task, _objects(told.get("containers"))))


def checks_reported(tx: Transaction, instance_arn: str, statuses: object) -> None:
    """What an agent found when it looked at its host."""
    instance = tx.get(ContainerInstance, instance_arn)
    if instance is None:
        return
    checks = checking.merged(instance.checks, _objects(statuses))
    if checks != instance.checks:
        tx.put(replace(instance, checks=checks))


def _objects(value: object) -> list[Mapping[str, Any]]:
    """The objects in what should be a list of them. What else an agent sends is passed over."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def stops_meant(tx: Transaction, instance_arn: str, candidates: object, now: datetime) -> list[str]:
    """Which of the tasks that an agent runs unlisted are to stop: those on record as stopped or stopping.

    One that is not on record is taken up or remembered as a stranger, and left running; so is one that its cluster
    keeps, though it was declared lost. What is no task of the instance's cluster is passed over.
    """
    stops = []
    for told in _objects(candidates):
        arn = str(told.get("taskArn", ""))
        task, stranger = tx.get(Task, arn), tx.get(Stranger, arn)
        if stranger is not None:
            stops += [arn] if stranger.stop_asked else []
        elif task is None:
            adoption.take_up(tx, instance_arn, told, now)
        elif task.stops or task.last_status not in HOLDING:
            stops.append(task.arn)
    return stops
