"""How the tasks of every group on Fargate are spread over Availability Zones, kept as tasks change.

On instances the fleet tells as much: there the zone is the instance's.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from podium.ecs.records import Task, TaskStatus
from podium.ecs.scheduling.placement import fleet_group

_NONE: Mapping[str, int] = {}


class Zones:
    """A view of the store. A task counts from when it has its place until it is to stop or has ended."""

    kinds: tuple[type[Any], ...] = (Task,)

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}

    def of(self, group: str) -> Mapping[str, int]:
        """How many tasks of the group, as `fleet_group` has it, each zone has that has any."""
        return self._counts.get(group, _NONE)

    def change(self, before: Task | None, after: Task | None) -> None:
        was, now = _counted(before), _counted(after)
        if was == now:
            return
        if now is not None:
            group, zone = now
            self._counts.setdefault(group, Counter())[zone] += 1
        if was is not None:
            group, zone = was
            counts = self._counts[group]
            counts[zone] -= 1
            if not counts[zone]:
                del counts[zone]
            if not counts:
                del self._counts[group]


def _counted(task: Task | None) -> tuple[str, str] | None:
    """The group and the zone that it counts for."""
    if task is None or task.launch_type != "FARGATE" or not task.availability_zone:
        return None
    if task.desired_status is TaskStatus.STOPPED or task.last_status is TaskStatus.STOPPED:
        return None
    return fleet_group(task.launch_type, task.cluster_arn, task.group), task.availability_zone
