"""A service's event log: AWS's sentences, newest last, the last hundred kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from podium.ecs.names import task_id
from podium.ecs.records import Health, Service, ServiceEvent, Task
from podium.ecs.rules import effects
from podium.ecs.scheduling import health, misses
from podium.ecs.scheduling.placement import Miss
from podium.kernel.ids import Ids
from podium.store.session import Transaction

KEPT = 100
SAID_AGAIN_AFTER = timedelta(hours=6)
SEE = "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."


def say(tx: Transaction, ids: Ids, service: Service, tail: str, now: datetime, task_set_id: str = "") -> None:
    """Append `(service <name>) <tail>` and forget what is older than the last hundred.

    The id of a task set that it is about stands beside the service's name.
    """
    about = f"service {service.name}, taskSet {task_set_id}" if task_set_id else f"service {service.name}"
    told = sorted(tx.list(ServiceEvent, service_arn=service.arn), key=lambda e: e.number)
    number = told[-1].number + 1 if told else 1
    event_id = ids.uuid()
    tx.put(
        ServiceEvent(
            arn=f"{service.arn}#{event_id}",
            service_arn=service.arn,
            id=event_id,
            number=number,
            message=f"({about}) {tail}",
            created_at=now,
        )
    )
    for old in told[: max(0, len(told) + 1 - KEPT)]:
        tx.delete(old)


def named(tasks: Sequence[Task]) -> str:
    return " ".join(f"(task {task_id(t.arn)})" for t in tasks)


def started(tasks: Sequence[Task], replaced: int = 0) -> str:
    tail, replaced = f"has started {len(tasks)} tasks: {named(tasks)}.", min(replaced, len(tasks))
    return f"{tail} Amazon ECS replaced {replaced} tasks due to an unhealthy status." if replaced else tail


def not_launched(error: str) -> str:
    return f"failed to launch a task with (error {error})."


def stopped(tasks: Sequence[Task]) -> str:
    return f"has stopped {len(tasks)} running tasks: {named(tasks)}."


def unhealthy(task: Task) -> str:
    target = health.unhealthy_target(task)
    if target is None or task.health is Health.UNHEALTHY:
        return f"(task {task_id(task.arn)}) failed container health checks."
    where = f"(instance {target.id})" if target.id.startswith("i-") else f"(task {task_id(task.arn)})"
    reason = f"(reason {target.reason or 'Health checks failed'})"
    return f"{where} (port {target.port}) is unhealthy in (target-group {target.group_arn}) due to {reason}."


def misplaced(tasks: Sequence[Task]) -> str:
    """A daemon's tasks on instances that are other than they were. The sentence is our own, the event is AWS's."""
    return (
        f"stops {len(tasks)} tasks whose container instances no longer meet its placement constraints: {named(tasks)}."
    )


def registered(count: int, group_arn: str) -> str:
    return f"registered {count} targets in (target-group {group_arn})"


def not_registered(group_arn: str) -> str:
    error = "The target group is gone, or its task has no such port"
    return f"failed to register targets in (target-group {group_arn}) with (error {error})."


def deregistered(count: int, group_arn: str) -> str:
    return f"deregistered {count} targets in (target-group {group_arn})"


def draining(tasks: int) -> str:
    return f"has begun draining connections on {tasks} tasks."


def held_back(tasks: int, deployment_id: str) -> str:
    """Protected tasks that a scale-in or a deployment would have stopped."""
    reason = f"(reason {tasks} tasks under protection)"
    return f"was unable to reach steady state because (taskSet {deployment_id}) was unable to scale in due to {reason}"


def balanced(counts: Mapping[str, int]) -> str:
    return f"is AZ balanced with {_in_zones(counts)}."


def not_balanced(counts: Mapping[str, int]) -> str:
    return f"is not AZ balanced with {_in_zones(counts)}. AZ Rebalancing in progress."


def _in_zones(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} tasks in {zone}" for zone, count in counts.items())


def moved_to(zone: str, tasks: Sequence[Task]) -> str:
    return f"has started {len(tasks)} tasks in {zone} to AZ Rebalance: {named(tasks)}."


def moved_from(zone: str, tasks: Sequence[Task]) -> str:
    return f"has stopped {len(tasks)} running tasks in {zone} due to AZ rebalancing: {named(tasks)}."


def unplaceable(zone: str) -> str:
    return f"is unable to place a task in {zone} because no container instance met all of its requirements."


def immovable(tasks: int, deployment_id: str) -> str:
    """Protected tasks that would have been moved."""
    reason = f"(reason {tasks} tasks under protection)"
    return f"was unable to AZ Rebalance because (taskSet {deployment_id}) was unable to scale in due to {reason}."


NOT_BALANCING = "stopped AZ Rebalancing."
STEADY = "has reached a steady state."
STUCK = (
    "was unable to stop or start tasks during a deployment because of the service deployment configuration. "
    "Update the minimumHealthyPercent or maximumPercent value and try again."
)
THROTTLED = f"is unable to consistently start tasks successfully. {SEE}"
NO_INSTANCES = (
    "was unable to place a task because no container instance met all of its requirements. "
    f"Reason: No Container Instances were found in your cluster. {SEE}"
)

NO_FARGATE = f"was unable to place a task. Reason: {effects.NO_FARGATE}. {SEE}"
PROVISIONING_LIMIT = (
    "was unable to place tasks in your cluster because the tasks provisioning capacity limit was exceeded."
)
EMPTY_PROVIDER = (
    "was unable to reach steady state. Reason: No Container Instances were found in your capacity provider."
)

CAUSES = {
    "RESOURCE:PORTS": "is already using a port required by your task",
    "RESOURCE:CPU": "has insufficient CPU units available",
    "RESOURCE:MEMORY": "has insufficient memory available",
    "AGENT": 'encountered error "AGENT"',
    "RESOURCE:GPU": "has insufficient GPUs available",
    "LOCATION": "is missing an attribute required by your task",
    "ATTRIBUTE": "is missing an attribute required by your task",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a service from its tasks. It is told again when its `cause` is another, whatever else changes."""

    cause: str
    tail: str


def no_place(found: Sequence[Miss], provider: str | None, runs_on: str) -> Problem:
    """AWS's sentences, whole, and one of ours: how many instances each requirement ruled out."""
    reasons = misses.counted(found)
    if runs_on == "FARGATE":
        told = misses.in_words(reasons, "hosts that serve Fargate") if reasons else "No host serves Fargate here."
        return Problem(f"FARGATE {misses.hardest(reasons) if reasons else ''}".strip(), f"{NO_FARGATE} {told}")
    if not reasons:
        tail = NO_INSTANCES if provider is None else EMPTY_PROVIDER
        return Problem(tail, tail)
    closest = misses.closest(found)
    return Problem(closest.reason, f"{_no_room(closest)} {misses.in_words(reasons)}")


def _no_room(closest: Miss) -> str:
    head = "was unable to place a task because no container instance met all of its requirements."
    cause = CAUSES.get(closest.reason)
    if cause is None:
        return f"{head} {SEE}"
    return f"{head} The closest matching (container-instance {task_id(closest.instance_arn)}) {cause}. {SEE}"
