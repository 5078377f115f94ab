"""What is to be said of one task: where it is and why, and why it stopped. No I/O."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from podium.ecs.explaining import definitions, ends, usage
from podium.ecs.explaining.findings import Finding, in_order, problem, warning
from podium.ecs.explaining.room import Survey
from podium.ecs.records import Health, InstanceStatus, Task, TaskStatus

STAGES = {
    TaskStatus.PROVISIONING: "It waits for what it needs before it can go to its instance: room, or a network.",
    TaskStatus.PENDING: "Its instance was told; it pulls images and starts the containers.",
    TaskStatus.ACTIVATING: "Its containers run, and load balancers and registries are told of it.",
    TaskStatus.RUNNING: "Its containers run.",
    TaskStatus.DEACTIVATING: "It is on its way out: load balancers let go of it.",
    TaskStatus.STOPPING: "Its containers were asked to end, and have their stopTimeout to do so.",
    TaskStatus.DEPROVISIONING: "Its containers have ended; its network interface is given back.",
    TaskStatus.STOPPED: "It has ended, and never returns; a service starts another one.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """`status` and `connected` are of its container instance, where it has one; `survey` where it waits for room."""

    task: Task
    document: Mapping[str, Any] | None
    status: InstanceStatus | None = None
    connected: bool = True
    survey: Survey | None = None
    samples: usage.Samples


def where(facts: Facts) -> list[str]:
    """Sentences on where it is, in the order in which one wants to read them."""
    task = facts.task
    told = [STAGES[task.last_status]]
    if task.waits_for:
        told.append(task.waits_for)
    elif task.container_instance_arn:
        instance = task.container_instance_arn.rpartition("/")[2]
        on = "a host that serves Fargate" if task.launch_type == "FARGATE" else f"container instance {instance}"
        zone = f" in {task.availability_zone}" if task.availability_zone else ""
        told.append(f"It was placed on {on}{zone}.")
    if task.group:
        by = f", by {task.started_by}" if task.started_by else ""
        told.append(f"It belongs to {task.group}{by}.")
    return told


def findings(facts: Facts) -> list[Finding]:
    task = facts.task
    found = [*_of_instance(facts), *_of_health(task)]
    for container in task.containers:
        found += ends.of_container(container)
    if facts.document is not None:
        found += definitions.findings(facts.document, task.launch_type)
    if task.last_status is not TaskStatus.STOPPED:
        found += usage.findings([task], facts.samples)
    return in_order(found)


def _of_instance(facts: Facts) -> Iterator[Finding]:
    task = facts.task
    if task.last_status is TaskStatus.STOPPED or task.container_instance_arn is None:
        return
    if not facts.connected:
        yield warning(
            "its container instance",
            "Its agent is not connected: what is shown of the task is what it last told.",
            "Look at the agent: `podium status`, `podium logs agent`.",
        )
    if facts.status is InstanceStatus.DRAINING:
        yield warning(
            "its container instance",
            "It is DRAINING: tasks of services are moved away, others stay until they end.",
            "UpdateContainerInstancesState with ACTIVE ends it.",
        )


def _of_health(task: Task) -> Iterator[Finding]:
    if task.last_status is not TaskStatus.RUNNING:
        return
    for container in task.containers:
        if container.health is Health.UNHEALTHY:
            yield problem(
                f"container {container.name}",
                "Its health check fails.",
                "Run its command inside the container: it must end with exit code 0.",
            )
