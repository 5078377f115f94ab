"""A task's instances in service registries, which are services of Cloud Map.

Source: Amazon ECS Developer Guide, "Use service discovery to connect Amazon ECS services with DNS names".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from podium import servicediscovery
from podium.ecs import names
from podium.ecs.errors import InvalidParameter
from podium.ecs.records import ContainerInstance, Health, Registration, Task, TaskDefinition, TaskTarget
from podium.ecs.targets import place
from podium.store.records import replace
from podium.store.session import Transaction


def check(tx: Transaction, home: str, entries: Sequence[Mapping[str, Any]], definition: TaskDefinition | None) -> None:
    """Raises InvalidParameter for a registry that is not there, or cannot have the tasks."""
    mode = definition.document.get("networkMode") if definition is not None else None
    for entry in entries:
        arn = entry.get("registryArn") or ""
        registry = servicediscovery.find_service(tx, home, arn)
        if registry is None:
            raise InvalidParameter(f"The service registry {arn} does not exist. Create it with Cloud Map first.")
        if mode is not None and mode != "awsvpc" and "A" in registry.records:
            raise InvalidParameter(
                "Service discovery with A records needs the awsvpc network mode: tasks of other modes have SRV records."
            )


def entered(tx: Transaction, task: Task, now: datetime) -> tuple[Registration, ...]:
    """The task's registrations once they are made. One whose registry is gone, or whose port is unknown, is not."""
    return tuple(_entered(tx, task, wanted, now) for wanted in task.registrations)


def _entered(tx: Transaction, task: Task, wanted: Registration, now: datetime) -> Registration:
    registry = servicediscovery.find_service(tx, task.home, wanted.registry_arn)
    told = _attributes(tx, task, wanted)
    if registry is None or told is None:
        return wanted
    servicediscovery.register_instance(tx, registry, names.task_id(task.arn), told, now)
    return replace(wanted, registered=True, healthy=task.health is not Health.UNHEALTHY)


def _attributes(tx: Transaction, task: Task, wanted: Registration) -> dict[str, str] | None:
    """What ECS says of a task. Source: Amazon ECS API Reference, ServiceRegistry; Cloud Map's RegisterInstance."""
    port = TaskTarget(
        group_arn="", container_name=wanted.container_name or "", container_port=wanted.container_port or 0
    )
    found = place(tx, task, port)
    instance = tx.get(ContainerInstance, task.container_instance_arn or "")
    if found is None:
        return None
    told = {
        "AWS_INSTANCE_IPV4": found[0] if task.network or instance is None else instance.address,
        "AVAILABILITY_ZONE": task.availability_zone,
        "REGION": task.home.split(":")[1],
        "ECS_SERVICE_NAME": task.group.removeprefix("service:"),
        "ECS_CLUSTER_NAME": names.cluster_name(task.cluster_arn),
        "ECS_TASK_DEFINITION_FAMILY": names.family_and_revision(task.task_definition_arn)[0],
    }
    if wanted.container_port:
        told["AWS_INSTANCE_PORT"] = str(found[1])
    if instance is not None and task.launch_type != "FARGATE":
        told["EC2_INSTANCE_ID"] = instance.ec2_instance_id
    if task.checked:
        told["AWS_INIT_HEALTH_STATUS"] = "UNHEALTHY" if task.health is Health.UNHEALTHY else "HEALTHY"
    return told


def withdrawn(tx: Transaction, task: Task, now: datetime) -> tuple[Registration, ...]:
    return tuple(_withdrawn(tx, task, held, now) for held in task.registrations)


def _withdrawn(tx: Transaction, task: Task, held: Registration, now: datetime) -> Registration:
    registry = servicediscovery.find_service(tx, task.home, held.registry_arn)
    if held.registered and registry is not None:
        servicediscovery.deregister_instance(tx, registry, names.task_id(task.arn), now)
    return replace(held, registered=False)


def mirrored(tx: Transaction, task: Task, now: datetime) -> tuple[Registration, ...]:
    """The task's container health, told to its registries where it changed."""
    return tuple(_mirrored(tx, task, held, now) for held in task.registrations)


def _mirrored(tx: Transaction, task: Task, held: Registration, now: datetime) -> Registration:
    healthy = task.health is not Health.UNHEALTHY
    registry = servicediscovery.find_service(tx, task.home, held.registry_arn)
    if not held.registered or registry is None or healthy is held.healthy:
        return held
    servicediscovery.set_health(tx, registry, names.task_id(task.arn), healthy, now)
    return replace(held, healthy=healthy)
