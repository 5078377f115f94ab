"""Interrupting tasks on Fargate Spot, on the operator's word."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from podium.ecs import spot
from podium.ecs.records import Task, TaskStatus
from podium.kernel.clock import Clock
from podium.runtime.running import RunningCore
from podium.server.pages.page import NotUnderstood, Page, Visit, answer, as_root, enter
from podium.store.session import Transaction
from podium.wire.message import Response


class SpotPages:
    def __init__(self, core: RunningCore, clock: Clock) -> None:
        self._core, self._clock = core, clock

    def pages(self) -> Mapping[tuple[str, str], Page]:
        return {("POST", "/_podium/interrupt"): self._interrupt}

    async def _interrupt(self, visit: Visit) -> Response:
        """`tasks` by ARN or id, those on a `containerInstance`, or a `share` of all in percent, by chance."""
        as_root(visit, "interrupt tasks on Fargate Spot")
        now = self._clock.now()
        return answer({"interrupted": await self._core.call(lambda tx: _interrupt(tx, visit, now))})


def _interrupt(tx: Transaction, visit: Visit, now: datetime) -> list[str]:
    arns = spot.interrupt(tx, _chosen(tx, visit, visit.members()), now)
    enter(tx, visit, resources=arns)
    return arns


def _chosen(tx: Transaction, visit: Visit, asked: Mapping[str, Any]) -> list[Task]:
    candidates = spot.interruptible(tx)
    if "share" in asked:
        return spot.some(candidates, _percent(asked["share"]), visit.call.ids.below)
    if "containerInstance" in asked:
        return [t for t in candidates if _is_named(t.container_instance_arn or "", [asked["containerInstance"]])]
    wanted = asked.get("tasks")
    if not isinstance(wanted, list) or not wanted:
        raise NotUnderstood("Say which: tasks, a containerInstance, or a share.")
    return [_running_on_spot(tx, name) for name in wanted]


def _running_on_spot(tx: Transaction, name: object) -> Task:
    """Raises NotUnderstood with a sentence that says what the task is instead."""
    for task in tx.list(Task):
        if _is_named(task.arn, [name]):
            if not spot.is_spot(task):
                raise NotUnderstood(f"Task {task.arn} does not run on FARGATE_SPOT, so it cannot be interrupted.")
            if task.desired_status is TaskStatus.STOPPED:
                raise NotUnderstood(f"Task {task.arn} is stopping already, or has stopped.")
            return task
    raise NotUnderstood(f"There is no task {name}.")


def _is_named(arn: str, names: list[object]) -> bool:
    return arn in names or arn.rpartition("/")[2] in names


def _percent(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 100:
        raise NotUnderstood("share takes a percentage from 1 to 100.")
    return value
