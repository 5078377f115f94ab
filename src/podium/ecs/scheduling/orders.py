"""The order in which a service's strategies let its tasks go. No I/O: what instances have is asked for.

Source: Amazon ECS Developer Guide, "How Amazon ECS selects tasks to stop"; API Reference, PlacementStrategy and
CapacityProviderStrategyItem.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from podium.ecs.records import Task
from podium.ecs.scheduling import shares
from podium.ecs.scheduling.placement import AZ, DEFAULT_SPREAD
from podium.ecs.scheduling.scaling_in import BY_DEFAULT, Order, Weighing

ZONE, INSTANCE, PROVIDER = "availability_zone", "container_instance_arn", "capacity_provider"


@dataclass(frozen=True, slots=True)
class Instances:
    """What is asked about a container instance, by its ARN. `free` takes `cpu` or `memory` besides."""

    attribute: Callable[[str | None, str], str | None]
    free: Callable[[str | None, str], int]


def order(
    strategy: Sequence[Mapping[str, str]],
    providers: Sequence[Mapping[str, Any]],
    desired: int,
    on_fargate: bool,
    instances: Instances,
) -> Order:
    """How tasks go under a placement strategy and a capacity provider strategy, when `desired` are to stay.

    Providers come first: the one that is furthest over its share gives. On Fargate only zones are told apart.
    Podium's `random` is the oldest first, so that a test can tell it beforehand.
    """
    buckets: list[str | Callable[[Task], Hashable]] = []
    weighings: dict[int, Weighing] = {}
    if providers:
        buckets.append(PROVIDER)
        weighings[0] = _over_share(providers, desired)
    for item in DEFAULT_SPREAD[:1] if on_fargate else strategy or DEFAULT_SPREAD:
        if item["type"] == "random":
            break
        if item["type"] == "binpack":
            weighings[len(buckets)] = _left_over(item["field"].lower(), instances)
        buckets.append(_bucket(item, instances))
    return (
        BY_DEFAULT if buckets == [ZONE, INSTANCE] and not weighings else Order(path=_path(buckets), weighings=weighings)
    )


def _bucket(item: Mapping[str, str], instances: Instances) -> str | Callable[[Task], Hashable]:
    where = item["field"]
    if item["type"] == "binpack" or where in ("instanceId", "host"):
        return INSTANCE
    name = where.removeprefix("attribute:")
    return ZONE if name == AZ else lambda task: instances.attribute(task.container_instance_arn, name)


def _path(buckets: Sequence[str | Callable[[Task], Hashable]]) -> Callable[[Task], tuple[Hashable, ...]]:
    if len(buckets) > 1 and all(isinstance(bucket, str) for bucket in buckets):
        return attrgetter(*buckets)  # type: ignore[arg-type]  # many times faster than the general way
    getters = [attrgetter(bucket) if isinstance(bucket, str) else bucket for bucket in buckets]
    return lambda task: tuple(get(task) for get in getters)


def _left_over(field: str, instances: Instances) -> Weighing:
    return Weighing(
        start=lambda arn, count: instances.free(arn if isinstance(arn, str) else None, field),
        step=attrgetter("cpu" if field == "cpu" else "memory_mib"),
    )


def _over_share(providers: Sequence[Mapping[str, Any]], desired: int) -> Weighing:
    target: Counter[Hashable] = Counter()

    def over(provider: Hashable, count: int) -> int:
        if not target:
            target.update(shares.providers(providers, {}, desired))
        return count - target[provider]

    return Weighing(start=over, step=lambda task: -1)
