"""What the channel writes: that an agent came or went, what its tasks' health is, which stops are meant.

Each is a function of a transaction, to be run in the core.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from podium.ecs import names
from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import (
    Container,
    ContainerInstance,
    InstanceStatus,
    Service,
    Stranger,
    Task,
    TaskDefinition,
    TaskStatus,
)
from podium.ecs.records.clusters import FARGATE_POOL
from podium.ecs.rules import checking, reports
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
            agent_hash=versions.get("agentHash", ""),
            agent_version=versions.get("agentVersion", ""),
            docker_version=versions.get("dockerVersion", ""),
            version=instance.version + 1,
        )
    )


def disconnected(tx: Transaction, instance_arn: str) -> None:
    instance = tx.get(ContainerInstance, instance_arn)
    if instance is not None and instance.agent_connected:
        tx.put(replace(instance, agent_connected=False, version=instance.version + 1))


def all_disconnected(tx: Transaction) -> None:
    """No agent is connected to a server that has only just started."""
    for instance in tx.list(ContainerInstance):
        disconnected(tx, instance.arn)


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

    One that is not on record is taken up or remembered as a stranger, and left running. What is no task of the
    instance's cluster is passed over.
    """
    stops = []
    for told in _objects(candidates):
        task = tx.get(Task, str(told.get("taskArn", "")))
        if task is None:
            _take_up(tx, instance_arn, told, now)
        elif task.desired_status is TaskStatus.STOPPED or task.last_status not in HOLDING:
            stops.append(task.arn)
    return stops


def _take_up(tx: Transaction, instance_arn: str, told: Mapping[str, Any], now: datetime) -> None:
    instance = tx.get(ContainerInstance, instance_arn)
    if instance is None or not _may_run(instance, told) or tx.get(Stranger, told["taskArn"]) is not None:
        return
    task = adopted(tx, instance, told, now)
    if task is not None:
        tx.put(task)
        return
    tx.put(
        Stranger(
            arn=told["taskArn"],
            cluster_arn=_cluster_of(told["taskArn"]),
            container_instance_arn=instance_arn,
            family=told.get("family", ""),
            version=str(told.get("version", "")),
            group=told.get("group", ""),
            seen_at=now,
        )
    )


def _may_run(instance: ContainerInstance, told: Mapping[str, Any]) -> bool:
    """Tasks of its own cluster; a host that serves Fargate runs those of any of the region."""
    within = instance.cluster_arn.replace(":cluster/", ":task/", 1)
    return str(told.get("taskArn", "")).startswith(f"{within.removesuffix(FARGATE_POOL).rstrip('/')}/")


def _cluster_of(task_arn: str) -> str:
    return task_arn.rpartition("/")[0].replace(":task/", ":cluster/", 1)


def adopted(tx: Transaction, instance: ContainerInstance, told: Mapping[str, Any], now: datetime) -> Task | None:
    """The record of a running task that was lost, when its definition (and service) are still known.

    The agent tells family, version and group beside the ARN; one that does not gets a stranger.
    """
    prefix = instance.cluster_arn.partition(":cluster/")[0]
    definition = tx.get(TaskDefinition, f"{prefix}:task-definition/{told.get('family')}:{told.get('version')}")
    if definition is None:
        return None
    group = told.get("group", "")
    service = None
    if group.startswith("service:"):
        name = names.cluster_name(_cluster_of(told["taskArn"]))
        service = tx.get(Service, f"{prefix}:service/{name}/{group.removeprefix('service:')}")
        if service is None or not service.deployments:
            return None
    return Task(
        arn=told["taskArn"],
        cluster_arn=_cluster_of(told["taskArn"]),
        task_definition_arn=definition.arn,
        service_arn=service.arn if service else None,
        container_instance_arn=instance.arn,
        availability_zone=instance.attributes.get("ecs.availability-zone") or "",
        group=group,
        started_by=_deployment_of(service, definition) if service else None,
        last_status=TaskStatus.RUNNING,
        containers=tuple(_container(c, told["taskArn"]) for c in definition.containers),
        cpu=_reserved(definition, "cpu", "cpu"),
        memory_mib=_reserved(definition, "memory", "memoryReservation"),
        created_at=now,
        connected_at=now,
        started_at=now,
        healthy_at=now,  # how long it has run nobody knows; it is not to go before something covers for it
    )


def _deployment_of(service: Service, definition: TaskDefinition) -> str:
    """The deployment whose definition it runs; one that no deployment has makes it outdated."""
    found = [d.id for d in service.deployments if d.task_definition_arn == definition.arn]
    return found[0] if found else "ecs-svc/0"


def _reserved(definition: TaskDefinition, whole: str, soft: str) -> int:
    if whole in definition.document:
        return int(definition.document[whole])
    return sum(c.get(soft) or c.get(whole) or 0 for c in definition.containers)


def _container(definition: Mapping[str, Any], task_arn: str) -> Container:
    arn = f"{task_arn.replace(':task/', ':container/', 1)}/{definition['name']}"
    return Container(
        name=definition["name"],
        arn=arn,
        image=definition["image"],
        essential=definition["essential"],
        checked="healthCheck" in definition,
        cpu=definition["cpu"],
        memory_mib=definition.get("memory"),
        memory_reservation_mib=definition.get("memoryReservation"),
        last_status="RUNNING",
    )
