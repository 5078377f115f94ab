"""Moving a service's tasks from Availability Zones that have more to zones that have fewer. No I/O.

Source: Amazon ECS Developer Guide, "Balancing an Amazon ECS service across Availability Zones".
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from podium.ecs.records import Service, Task
from podium.ecs.scheduling.launching import Launch
from podium.ecs.scheduling.placement import AZ, Below
from podium.store.records import replace

Full = tuple[str, str | None]  # a zone and a capacity provider


@dataclass(frozen=True, slots=True)
class Move:
    """`task` is to go once another one like it is healthy in `zone`."""

    task: Task
    zone: str


def counts(tasks: Sequence[Task], zones: Collection[str]) -> dict[str, int]:
    """How many tasks each zone has that could have some, or has."""
    had = Counter(t.availability_zone for t in tasks)
    return {zone: had[zone] for zone in sorted({*zones, *had})}


def filled(had: Mapping[str, int], zones: Collection[str], count: int, below: Below) -> list[str]:
    """The zone of each of `count` tasks, one after the other where there are fewest; chance breaks ties."""
    left, found = dict(had), list[str]()
    for _ in range(count):
        least = min(left[zone] for zone in zones)
        fewest = [zone for zone in sorted(zones) if left[zone] == least]
        zone = fewest[below(len(fewest))] if len(fewest) > 1 else fewest[0]
        left[zone] += 1
        found.append(zone)
    return found


def is_even(tasks: Sequence[Task], zones: Collection[str]) -> bool:
    found = counts(tasks, zones).values()
    return max(found, default=0) - min(found, default=0) <= 1


def batch(service: Service, tasks: int) -> int:
    """How many tasks may run besides: the maximum percent bounds it (rounded down)."""
    return max(0, service.desired_count * service.maximum_percent // 100 - tasks)


def affordable(service: Service, due: Sequence[Task], well: Collection[str]) -> list[Task]:
    """Those of the tasks that are to go that can go now: all that are not well, and of the others what leaves enough.

    `well` are the ARNs of all healthy tasks of the service, of which the minimum healthy percent stays (rounded up).
    """
    floor = -(-service.desired_count * service.minimum_healthy_percent // 100)
    useful = [t for t in due if t.arn in well]
    return [*(t for t in due if t.arn not in well), *useful[: max(0, len(well) - floor)]]


def moves(
    tasks: Sequence[Task], zones: Collection[str], most: int, full: Collection[Full] = (), stays: Collection[str] = ()
) -> list[Move]:
    """At most `most` moves towards an even spread, each from the zone that has the most to the one with the fewest.

    `full` names zones that take no more, each of one capacity provider's tasks; the tasks in `stays` (ARNs) cannot
    be moved. The oldest go first.
    """
    left = counts(tasks, zones)
    movable: dict[str, dict[str, Task]] = {}
    for task in sorted(tasks, key=lambda t: (t.created_at, t.arn)):
        if task.arn not in stays:
            movable.setdefault(task.availability_zone, {})[task.arn] = task
    found: list[Move] = []
    while len(found) < most and (move := _next(left, movable, zones, full)) is not None:
        rich = move.task.availability_zone
        del movable[rich][move.task.arn]
        left[rich], left[move.zone] = left[rich] - 1, left[move.zone] + 1
        found.append(move)
    return found


def _next(
    left: Mapping[str, int],
    movable: Mapping[str, Mapping[str, Task]],
    zones: Collection[str],
    full: Collection[Full],
) -> Move | None:
    for poor in sorted(zones, key=lambda zone: (left[zone], zone)):
        for rich in sorted(movable, key=lambda zone: (-left[zone], zone)):
            if left[rich] - left[poor] <= 1:
                break
            for task in movable[rich].values():
                if (poor, task.capacity_provider) not in full:
                    return Move(task, poor)
    return None


def within(launch: Launch, zone: str) -> Launch:
    """The same, but nowhere else than in `zone`."""
    zones = {subnet: own for subnet, own in launch.zones.items() if own == zone}
    network = {**launch.network, "subnets": list(zones)} if launch.network else launch.network
    if launch.launch_type == "FARGATE":
        return replace(launch, zones=zones, network=network)
    return replace(launch, zones=zones, network=network, member_of=(*launch.member_of, f"attribute:{AZ} == {zone}"))
