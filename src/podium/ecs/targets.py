"""A task's places in target groups: whether a service may have them, and what it is registered as.

Source: Amazon ECS Developer Guide, "Use load balancing to distribute Amazon ECS service traffic".
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from podium import elbv2
from podium.ecs import names
from podium.ecs.errors import InvalidParameter
from podium.ecs.records import ContainerInstance, Health, Task, TaskDefinition, TaskTarget
from podium.store.records import replace
from podium.store.session import Transaction

UNKNOWN = (
    "Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service role being "
    "passed has the proper permissions."
)
HEALTH = {"healthy": Health.HEALTHY, "unhealthy": Health.UNHEALTHY}


def check(tx: Transaction, home: str, entries: Sequence[Mapping[str, Any]]) -> None:
    """Raises InvalidParameter for a target group that is not there, or that no listener or rule sends anything."""
    for arn in _groups(entries):
        group = elbv2.find_target_group(tx, home, arn)
        if group is None or group.arn != arn:
            raise InvalidParameter(UNKNOWN)
        if not elbv2.in_use(group):
            raise InvalidParameter(
                f"The target group with targetGroupArn {arn} does not have an associated load balancer."
            )


def suits(tx: Transaction, home: str, entries: Sequence[Mapping[str, Any]], definition: TaskDefinition) -> None:
    """Raises InvalidParameter for a target group that cannot have the definition's tasks."""
    for arn in _groups(entries):
        group = elbv2.find_target_group(tx, home, arn)
        if group is not None:
            _suits(group, definition)


def _groups(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    return [entry["targetGroupArn"] for entry in entries if entry.get("targetGroupArn")]


def _suits(group: elbv2.TargetGroup, definition: TaskDefinition) -> None:
    mode = definition.document.get("networkMode") or "bridge"
    if group.target_type != ("ip" if mode == "awsvpc" else "instance"):
        raise InvalidParameter(
            f"The provided target group {group.arn} has target type {group.target_type}, which is incompatible with "
            f"the {mode} network mode specified in the task definition."
        )


def place(tx: Transaction, task: Task, wanted: TaskTarget) -> tuple[str, int] | None:
    """The id and the port of the task in the group; None while its agent has not told the port.

    A task with a network of its own is known by its address, every other by its instance and the host's port.
    """
    if task.network:
        details = {d["name"]: d["value"] for d in task.attachments[0]["details"]}
        return details["privateIPv4Address"], wanted.container_port
    instance = tx.get(ContainerInstance, task.container_instance_arn or "")
    port = _host_port(tx, task, wanted)
    return (instance.ec2_instance_id, port) if instance is not None and port else None


def are_known(tx: Transaction, task: Task) -> bool:
    """Whether its agent has told all that its places are known by."""
    return all(place(tx, task, wanted) is not None for wanted in task.targets)


def _host_port(tx: Transaction, task: Task, wanted: TaskTarget) -> int | None:
    definition = tx.get(TaskDefinition, task.task_definition_arn)
    if definition is not None and definition.document.get("networkMode") == "host":
        return wanted.container_port
    bindings = (b for c in task.containers if c.name == wanted.container_name for b in c.network_bindings)
    return next((int(b["hostPort"]) for b in bindings if b.get("containerPort") == wanted.container_port), None)


def owner(task: Task) -> str:
    """What the task's targets are marked by: who registers the same place later has it then."""
    return f"{task.service_arn}#{names.task_id(task.arn)}"


def service_of(target: elbv2.Target) -> str:
    """The service whose task registered it; empty when it was no task."""
    return target.owner.partition("#")[0]


def registered(tx: Transaction, task: Task, wanted: TaskTarget, now: datetime) -> TaskTarget | None:
    """The place once it is taken; None where there is no such group or place any more."""
    group = elbv2.find_target_group(tx, task.home, wanted.group_arn)
    found = place(tx, task, wanted)
    if group is None or found is None:
        return None
    made = elbv2.register_target(tx, group, *found, "", now)
    instance = tx.get(ContainerInstance, task.container_instance_arn or "")
    address = instance.address if instance is not None and not task.network else ""
    tx.put(replace(made, owner=owner(task), address=address))
    return replace(wanted, id=found[0], port=found[1], health=Health.UNKNOWN, reason=None)


def still_in(tx: Transaction, task: Task) -> list[TaskTarget]:
    """The places of the task that nobody has given up yet."""
    return [held for held in task.targets if (own := _own(tx, task, held)) is not None and own.deregistered_at is None]


def leave(tx: Transaction, task: Task, held: TaskTarget, unless_set: timedelta, now: datetime) -> None:
    """Give the place up: nothing new is sent to the task. `unless_set` is the delay where the group has none set."""
    group = elbv2.find_target_group(tx, task.home, held.group_arn)
    if group is not None:
        elbv2.deregister_target(tx, group, held.id, held.port, now, unless_set)


def are_free(tx: Transaction, task: Task) -> bool:
    """Whether nothing of its places is left: the delay is over, and the proxy sends nothing there."""
    return all(_own(tx, task, held) is None for held in task.targets)


def _own(tx: Transaction, task: Task, held: TaskTarget) -> elbv2.Target | None:
    """None where the place is free, or another's by now."""
    found = elbv2.target(tx, held.group_arn, held.id, held.port) if held.id else None
    return found if found is not None and found.owner == owner(task) else None


def look(tx: Transaction) -> Callable[[Task], Task]:
    """Gives a task with what its load balancers make of it now. Of many tasks, each group is read once."""

    @cache
    def group(arn: str) -> elbv2.TargetGroup | None:
        return elbv2.find_target_group(tx, _home(arn), arn)

    def seen(task: Task) -> Task:
        after = tuple(_seen(held, _own(tx, task, held), group(held.group_arn)) for held in task.targets)
        return task if after == task.targets else replace(task, targets=after)

    return seen


def _seen(held: TaskTarget, found: elbv2.Target | None, group: elbv2.TargetGroup | None) -> TaskTarget:
    if group is None or not elbv2.in_use(group) or found is None or found.deregistered_at is not None:
        return _as(held, Health.UNKNOWN)
    if not group.check_enabled:
        return _as(held, Health.HEALTHY)
    health = HEALTH.get(found.state, Health.UNKNOWN)
    return _as(held, health, found.description if health is Health.UNHEALTHY else None)


def _as(held: TaskTarget, health: Health, reason: str | None = None) -> TaskTarget:
    """Mostly the very same: thousands are looked at when one of them changes."""
    same = held.health is health and held.reason == reason
    return held if same else replace(held, health=health, reason=reason)


def _home(arn: str) -> str:
    _, partition, _, region, account, _ = arn.split(":", 5)
    return f"{partition}:{region}:{account}"
