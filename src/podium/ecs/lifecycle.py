"""The life of a task: every arc `last_status` may take, and nothing else.

Source: Amazon ECS Developer Guide, "Amazon ECS task lifecycle".
"""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum, auto
from typing import Any

from podium.ecs.records import Container, StopCode, Task, TaskStatus
from podium.ecs.records import TaskStatus as S
from podium.store.records import replace


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
AFTER_DEACTIVATING = frozenset({S.STOPPING, S.DEPROVISIONING, S.STOPPED})
UNHEALTHY = "Task failed container health checks"  # the reason that its service gives for stopping it
UNHEALTHY_TARGET = "Task failed ELB health checks in (target-group {})"


def advance(task: Task, event: Event, now: datetime) -> Task:
    """The task after `event`, or the very same task when the event is no news.

    Reports come late, twice and out of order, so a missing arc is not an error.
    """
    return through(task, (event,), now)


def through(task: Task, events: Iterable[Event], now: datetime, **told: Any) -> Task:
    """The task after these events, one after the other, and with the fields `told`: one change, whatever it took.

    The very same task when neither is news. Making a record anew is dear, so it is done once.
    """
    status = task.last_status
    for event in events:
        after = LIFECYCLE[status].get(event)
        if after is not None:
            status = told["last_status"] = after
            if after is S.ACTIVATING:
                told["started_at"] = now
            elif after is S.STOPPED:
                told["stopped_at"] = now
    changed = {name: value for name, value in told.items() if getattr(task, name) != value}
    return replace(task, **changed, version=task.version + 1) if changed else task


def started(task: Task, now: datetime, **told: Any) -> Task:
    """Its containers run. It is RUNNING once load balancers and registries know it, where any are to."""
    waits = task.targets or task.registrations
    return through(task, (E.STARTED,) if waits else (E.STARTED, E.ATTACHED), now, **told)


def attached(task: Task, now: datetime, **told: Any) -> Task:
    """Load balancers and registries know it."""
    return through(task, (E.ATTACHED,), now, **told)


def asked_to_stop(task: Task, code: StopCode, reason: str, now: datetime) -> Task:
    """The task with desired status STOPPED. The first reason given is the one that stays.

    `last_status` is left alone, as StopTask's answer shows it; `leaving` moves it on.
    """
    if task.desired_status is S.STOPPED:
        return task
    return replace(task, **_wish(code, reason, now), version=task.version + 1)


def _wish(code: StopCode, reason: str, now: datetime) -> dict[str, Any]:
    return {"desired_status": S.STOPPED, "stop_code": code, "stopped_reason": reason, "stopping_at": now}


def leaving(task: Task, now: datetime) -> Task:
    """A task that is to stop, as far on its way as it can go without its agent.

    One that no instance was ever told of goes all the way; one that a load balancer still knows waits for that first.
    """
    if task.desired_status is not S.STOPPED:
        return task
    unheard_of = task.container_instance_arn is None or task.last_status is S.PROVISIONING
    if not unheard_of:
        detached = () if task.is_attached else (E.DETACHED,)
        return through(task, (E.STOP_ASKED, *detached, *_cleaning(task)), now)
    return through(task, (E.STOP_ASKED, E.DETACHED, E.EXITED, *_cleaning(task)), now, **_unplaced(task))


def cleaned(task: Task, now: datetime) -> Task:
    """STOPPED, unless its network interface has to go first."""
    return through(task, _cleaning(task), now)


def _cleaning(task: Task) -> tuple[Event, ...]:
    return (E.CLEANED,) if task.interface_id is None else ()


def _unplaced(task: Task) -> dict[str, Any]:
    """Nothing of it ever was: its containers count as stopped and its network interface as deleted."""
    return {
        "containers": tuple(replace(c, last_status="STOPPED") for c in task.containers),
        "attachments": tuple({**a, "status": "DELETED"} for a in task.attachments),
    }


def ended(task: Task, now: datetime, **told: Any) -> Task:
    """The agent says STOPPED. Why, unless somebody had asked for it, follows from how far it had come.

    Source: Amazon ECS API Reference, Task, `stopCode` and `stoppedReason`.
    """
    if task.desired_status is not S.STOPPED:
        told = {**_wish(*why(task, told.get("containers")), now), **told}
    if task.started_at:
        told["execution_stopped_at"] = told.get("execution_stopped_at") or task.execution_stopped_at or now
    return through(task, (E.EXITED, *_cleaning(task)), now, **told)


def why(task: Task, containers: Iterable[Container] | None = None) -> tuple[StopCode, str]:
    """`containers` are those of the task as they are told of now."""
    if task.started_at is not None:
        return StopCode.ESSENTIAL_CONTAINER_EXITED, "Essential container in task exited"
    there = list(task.containers if containers is None else containers)
    told = [c.reason for c in there if c.reason and c.essential]
    told += [c.reason for c in there if c.reason and not c.essential]
    return StopCode.TASK_FAILED_TO_START, told[0] if told else "Task failed to start"
