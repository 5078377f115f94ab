"""The life of a task: every arc `last_status` may take, and nothing else.

Source: Amazon ECS Developer Guide, "Amazon ECS task lifecycle".
"""

from dataclasses import replace
from datetime import datetime
from enum import Enum, auto

from podium.ecs.records import StopCode, Task, TaskStatus
from podium.ecs.records import TaskStatus as S


class Event(Enum):
    PLACED = auto()  # an instance was chosen and its network is ready
    STARTED = auto()  # every container is running
    ATTACHED = auto()  # load balancers and service registries know it
    STOP_ASKED = auto()  # desired_status became STOPPED
    DETACHED = auto()  # load balancers have drained it
    EXITED = auto()  # the agent says that nothing of it runs
    CLEANED = auto()  # network and volumes are released


E = Event

LIFECYCLE: dict[TaskStatus, dict[Event, TaskStatus]] = {
    S.PROVISIONING:   {E.PLACED: S.PENDING,     E.STOP_ASKED: S.DEPROVISIONING},
    S.PENDING:        {E.STARTED: S.ACTIVATING, E.STOP_ASKED: S.DEACTIVATING, E.EXITED: S.DEPROVISIONING},
    S.ACTIVATING:     {E.ATTACHED: S.RUNNING,   E.STOP_ASKED: S.DEACTIVATING, E.EXITED: S.DEPROVISIONING},
    S.RUNNING:        {E.STOP_ASKED: S.DEACTIVATING, E.EXITED: S.DEPROVISIONING},
    S.DEACTIVATING:   {E.DETACHED: S.STOPPING,  E.EXITED: S.DEPROVISIONING},
    S.STOPPING:       {E.EXITED: S.DEPROVISIONING},
    S.DEPROVISIONING: {E.CLEANED: S.STOPPED},
    S.STOPPED:        {},
}  # fmt: skip

HOLDING = frozenset(S) - {S.STOPPED}  # hold their reservation on the instance


def advance(task: Task, event: Event, now: datetime) -> Task:
    """The task after `event`, or the very same task when the event is no news.

    Reports come late, twice and out of order, so a missing arc is not an error.
    """
    after = LIFECYCLE[task.last_status].get(event)
    if after is None:
        return task
    return replace(
        task,
        last_status=after,
        version=task.version + 1,
        started_at=now if after is S.ACTIVATING else task.started_at,
        stopped_at=now if after is S.STOPPED else task.stopped_at,
    )


def started(task: Task, now: datetime) -> Task:
    """Its containers run, and no load balancer has to hear of it first."""
    return advance(advance(task, E.STARTED, now), E.ATTACHED, now)


def asked_to_stop(task: Task, code: StopCode, reason: str, now: datetime) -> Task:
    """The task with desired status STOPPED. The first reason given is the one that stays.

    `last_status` is left alone, as StopTask's answer shows it; `leaving` moves it on.
    """
    if task.desired_status is S.STOPPED:
        return task
    return replace(
        task,
        desired_status=S.STOPPED,
        stop_code=code,
        stopped_reason=reason,
        stopping_at=now,
        version=task.version + 1,
    )


def leaving(task: Task, now: datetime) -> Task:
    """A task that is to stop, as far on its way as it can go without its agent.

    One that no instance was ever told of goes all the way.
    """
    if task.desired_status is not S.STOPPED:
        return task
    unheard_of = task.container_instance_arn is None or task.last_status is S.PROVISIONING
    task = advance(advance(task, E.STOP_ASKED, now), E.DETACHED, now)
    if unheard_of:
        task = _unplaced(advance(task, E.EXITED, now))
    return cleaned(task, now)


def cleaned(task: Task, now: datetime) -> Task:
    """STOPPED, unless its network interface has to go first."""
    return task if task.interface_id is not None else advance(task, E.CLEANED, now)


def _unplaced(task: Task) -> Task:
    """Nothing of it ever was: its containers count as stopped and its network interface as deleted."""
    return replace(
        task,
        containers=tuple(replace(c, last_status="STOPPED") for c in task.containers),
        attachments=tuple({**a, "status": "DELETED"} for a in task.attachments),
    )


def ended(task: Task, now: datetime) -> Task:
    """The agent says STOPPED. Why, unless somebody had asked for it, follows from how far it had come.

    Source: Amazon ECS API Reference, Task, `stopCode` and `stoppedReason`.
    """
    if task.desired_status is not S.STOPPED:
        task = asked_to_stop(task, *why(task), now)
    task = cleaned(advance(task, E.EXITED, now), now)
    return replace(task, execution_stopped_at=task.execution_stopped_at or now) if task.started_at else task


def why(task: Task) -> tuple[StopCode, str]:
    if task.started_at is not None:
        return StopCode.ESSENTIAL_CONTAINER_EXITED, "Essential container in task exited"
    told = [c.reason for c in task.containers if c.reason and c.essential]
    told += [c.reason for c in task.containers if c.reason and not c.essential]
    return StopCode.TASK_FAILED_TO_START, told[0] if told else "Task failed to start"
