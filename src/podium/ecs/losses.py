"""What becomes of the tasks of a host that is gone: declared lost, and settled once more is known of the host.

A lost task is STOPPED on record and replaced, while its containers may run on, behind a cut wire. What may still run
is remembered as a Stranger, with the network interface that the task had: nobody else is given that address until
the host's agent says that the containers have ended, or the operator that the machine is off.
See docs/design/0008-lost-hosts.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from podium import ec2
from podium.ecs import lifecycle, names
from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import Cluster, ContainerInstance, StopCode, Stranger, Task, TaskDefinition, TaskStatus
from podium.ecs.rules import returning
from podium.ecs.scheduling import losing
from podium.store.records import replace
from podium.store.session import Transaction

TERMINATED = "Host EC2 (instance {}) terminated."  # what AWS says of the tasks of a machine that is no more
FARGATE_LOST = "The underlying infrastructure of the task was lost."


@dataclass(frozen=True, kw_only=True, slots=True)
class Doomed:
    """What a host holds. `once_only` are tasks that write to the volume named, and so are not replaced yet."""

    tasks: tuple[Task, ...] = ()
    once_only: tuple[tuple[Task, str], ...] = ()


def doomed(tx: Transaction, instance: ContainerInstance) -> Doomed:
    """The tasks of a host that has been away for too long; those that must not run twice apart."""
    volumes = [(task, _volume(tx, task)) for task in _held(tx, instance) if not _has_ended(task)]
    return Doomed(
        tasks=tuple(task for task, volume in volumes if volume is None),
        once_only=tuple((task, volume) for task, volume in volumes if volume is not None),
    )


def declare(tx: Transaction, instance: ContainerInstance, tasks: Iterable[Task], now: datetime) -> None:
    for task in tasks:
        tx.put(gone(replace(task, interface_id=None), instance, now))
        tx.put(_left_behind(tx, task, instance, now))  # last, so that an agent that dials in just now hears this last


def _has_ended(task: Task) -> bool:
    """By its agent's own word; only its interface has still to be given back."""
    return task.last_status is TaskStatus.DEPROVISIONING


def _volume(tx: Transaction, task: Task) -> str | None:
    definition = tx.get(TaskDefinition, task.task_definition_arn)
    return losing.once_only(definition) if definition is not None else None


def is_off(tx: Transaction, instance: ContainerInstance, now: datetime) -> list[Task]:
    """The machine runs nothing any more, somebody vouches for it: every task of it has stopped, every address is free.

    Returns the tasks that had not stopped on record.
    """
    held = _held(tx, instance)
    for task in held:
        tx.put(gone(task, instance, now))
    for stranger in tx.list(Stranger, container_instance_arn=instance.arn):
        forget(tx, stranger)
    return held


def forget(tx: Transaction, stranger: Stranger) -> None:
    """Nothing of it runs any more."""
    if stranger.interface_id is not None:
        ec2.release_interface(tx, stranger.home, stranger.interface_id)
    tx.delete(stranger)


def gone(task: Task, instance: ContainerInstance, now: datetime) -> Task:
    """STOPPED, or DEPROVISIONING until its interface is given back. How its containers ended is not known."""
    reason = FARGATE_LOST if task.launch_type == "FARGATE" else TERMINATED.format(instance.ec2_instance_id)
    task = lifecycle.asked_to_stop(task, StopCode.INFRASTRUCTURE_HEALTH, reason, now)
    return lifecycle.ended(_silenced(lifecycle.leaving(task, now)), now)


def _silenced(task: Task) -> Task:
    attachments = task.attachments
    if task.interface_id is None:
        attachments = tuple({**a, "status": "DELETED"} for a in attachments)
    containers = tuple(replace(c, last_status="STOPPED") for c in task.containers)
    return replace(task, containers=containers, attachments=attachments)


def back(tx: Transaction, instance: ContainerInstance) -> bool:
    """Whether nothing is left on the host, which has returned, of lost tasks that are to stop."""
    left = tx.list(Stranger, container_instance_arn=instance.arn)
    return instance.agent_connected and not any(s.is_left_over for s in left)


def explained(task: Task, volume: str, instance: ContainerInstance) -> str:
    """Why a task of a service is not replaced yet, and what can be done."""
    host = "its host" if task.launch_type == "FARGATE" else f"(instance {instance.ec2_instance_id})"
    return (
        f"does not replace (task {names.task_id(task.arn)}) yet, whose host is away: it may still write to the volume "
        f"{volume}. It is replaced when {host} is deregistered, or when `podium release {names.task_id(instance.arn)}` "
        "says that the machine is off; when the host is back, it simply runs on."
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Writer:
    """A task that was asked to stop, on a host that cannot be told so, and the volume that it may write to."""

    task: Task
    volume: str
    instance: ContainerInstance


def still_writing(tx: Transaction, definition: TaskDefinition, tasks: Iterable[Task]) -> Writer | None:
    """One of `tasks`, if any, that stands in the way of others of the definition, since its host is away."""
    if (volume := losing.once_only(definition)) is None:
        return None
    stopping = (t for t in tasks if t.desired_status is TaskStatus.STOPPED and t.last_status in HOLDING)
    for task in stopping:
        instance = tx.get(ContainerInstance, task.container_instance_arn or "")
        if instance is not None and not instance.agent_connected and not instance.is_off:
            return Writer(task=task, volume=volume, instance=instance)
    return None


def held_back(writer: Writer) -> str:
    task, host = names.task_id(writer.task.arn), names.task_id(writer.instance.arn)
    return (
        f"was unable to place a task. Reason: (task {task}) was stopped, but its host is away, and it may still write "
        f"to the volume {writer.volume}. When the host is back, is deregistered, or `podium release {host}` says that "
        "the machine is off, another is started."
    )


def _held(tx: Transaction, instance: ContainerInstance) -> list[Task]:
    tasks: Iterable[Task] = tx.list(Task, container_instance_arn=instance.arn)
    return [task for task in tasks if task.last_status in HOLDING]


def _left_behind(tx: Transaction, task: Task, instance: ContainerInstance, now: datetime) -> Stranger:
    """One that its agent may never have heard of is to stop in any case: else nobody would ever speak of it again."""
    keeps = returning.are_kept(tx.get(Cluster, task.cluster_arn)) and task.started_at is not None
    return replace(orphan(task, instance, now), interface_id=task.interface_id, stop_asked=not keeps)


def orphan(task: Task, instance: ContainerInstance, now: datetime) -> Stranger:
    """What may still run of a task whose record says STOPPED, and is to stop. The record goes before long; this stays
    until the agent says that it is over.
    """
    family, _, version = names.family_and_revision(task.task_definition_arn)
    return Stranger(
        arn=task.arn,
        cluster_arn=task.cluster_arn,
        container_instance_arn=instance.arn,
        family=family,
        version=version,
        group=task.group,
        seen_at=now,
        stop_asked=True,
        lost=True,
    )
