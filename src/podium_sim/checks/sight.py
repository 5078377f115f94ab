"""What a checker sees of one change, and what laws mean by healthy and by Podium's own hand."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podium.ecs.records import Health, Service, StopCode, Task, TaskStatus
from podium.ecs.timing import Timing
from podium.store.session import Change
from podium_sim.shadow import Shadow

UNHEALTHY = "Task failed container health checks"
BY_HAND = "by-hand"
"""The group of tasks whose place users choose."""

FORCED = "Container instance deregistration forced by user"


@dataclass(frozen=True, slots=True)
class Sight:
    """`shadow` is all that was true before `change`, `coming` what was written with it and after it.

    `now` is the latest that the control plane's clock may have shown.
    """

    shadow: Shadow
    change: Change
    coming: Sequence[Change]
    now: datetime
    timing: Timing

    def services(self, arn: str | None) -> list[Service]:
        """The service as it was, and as the pass leaves it that made the change: that is written last, if at all.

        What a pass does agrees with one of the two.
        """
        coming = [c.after for c in self.coming if c.kind is Service and c.key == arn]
        return [s for s in (self.shadow.service(arn), *coming[:1]) if s is not None]

    def moves(self, task: Task) -> bool:
        """Whether the task was started beside the others to balance zones: another goes once it is healthy."""
        return any(move["to"] == task.arn for s in self.services(task.service_arn) for move in s.moves)


Check = Callable[[Sight], Iterator[str]]


def stopped_by_podium(change: Change) -> Task | None:
    """The task, if the change is Podium's own wish that it stop: a scale-in, a deployment, a drain, ill health."""
    before, after = change.before, change.after
    if not isinstance(before, Task) or not isinstance(after, Task):
        return None
    turned = before.desired_status is TaskStatus.RUNNING and after.desired_status is TaskStatus.STOPPED
    own = after.stop_code is StopCode.SERVICE_SCHEDULER_INITIATED and after.stopped_reason != FORCED
    return after if turned and own else None


def placed_by_podium(change: Change) -> Task | None:
    """The task, if the change gives it its place. One that was taken up from its agent came with it."""
    before, after = change.before, change.after
    if not isinstance(after, Task) or after.container_instance_arn is None:
        return None
    if before is not None and before.container_instance_arn is not None:
        return None
    return after if after.last_status in (TaskStatus.PROVISIONING, TaskStatus.PENDING) else None


def made_by_podium(change: Change) -> Task | None:
    """The task, if the change is its beginning, with a place or in the queue for one."""
    after = change.after
    if change.before is not None or not isinstance(after, Task):
        return None
    return after if after.last_status in (TaskStatus.PROVISIONING, TaskStatus.PENDING) else None


def is_healthy(task: Task, at: datetime, timing: Timing) -> bool:
    """RUNNING; with health checks, all of its essential ones HEALTHY; without, for long enough."""
    if task.last_status is not TaskStatus.RUNNING:
        return False
    checked = [c.health for c in task.containers if c.essential and c.checked]
    if checked:
        return all(health is Health.HEALTHY for health in checked)
    return task.healthy_at is not None or (
        task.started_at is not None and (at - task.started_at) >= timing.healthy_after
    )


def is_ill(task: Task) -> bool:
    return any(c.essential and c.checked and c.health is Health.UNHEALTHY for c in task.containers)


def short(arn: Any) -> str:
    return str(arn).rpartition("/")[2]


def ceil_percent(count: int, percent: float) -> int:
    """`percent` of `count`, rounded up."""
    whole = int(count * percent)
    return -(-whole // 100) if whole == count * percent else whole // 100 + 1
