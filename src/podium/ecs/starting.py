"""Where tasks that are to start go: to instances, by way of capacity providers where a strategy says so."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from podium.ecs.records import ContainerInstance, InstanceStatus, Task
from podium.ecs.records.clusters import FARGATE_POOL
from podium.ecs.rules import capacity_providers
from podium.ecs.rules.capacity_providers import FARGATE
from podium.ecs.scheduling import launching, placement, shares
from podium.ecs.scheduling.placement import Below, Miss, Room
from podium.store.session import Transaction

EXTERNAL = "ecs.capability.external"  # the attribute of an instance that joined through an activation
Seat = tuple[Room, str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Seats:
    """Rooms with the capacity provider that each belongs to. `unseated` names the provider of every other task."""

    taken: tuple[Seat, ...] = ()
    unseated: tuple[str | None, ...] = ()
    misses: tuple[Miss, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """`count` tasks of one kind. `held` is how many of its tasks each capacity provider has already."""

    launch: launching.Launch
    count: int
    providers: Sequence[Mapping[str, Any]] = ()
    held: Mapping[str, int] = field(default_factory=dict)
    strategy: Sequence[Mapping[str, str]] = ()


def seats(tx: Transaction, wish: Wish, below: Below) -> Seats:
    """Where the tasks go now. Nothing is written."""
    rooms = rooms_for(tx, wish.launch)
    needs = launching.requirements(wish.launch)
    if not wish.providers:
        placed = placement.place(needs, wish.count, rooms, wish.strategy, below)
        taken = tuple((room, None) for room in placed.rooms)
        return Seats(taken=taken, unseated=(None,) * (wish.count - len(taken)), misses=placed.misses)
    wanted = Counter(shares.providers(wish.providers, wish.held, wish.count))
    owners = {room.instance.arn: capacity_providers.of_instance(tx, room.instance) for room in rooms}
    found = Seats()
    for name, count in wanted.items():
        own = rooms if name in FARGATE else [room for room in rooms if owners[room.instance.arn] == name]
        placed = placement.place(needs, count, own, wish.strategy, below)
        found = Seats(
            taken=(*found.taken, *((room, name) for room in placed.rooms)),
            unseated=(*found.unseated, *(name for _ in range(count - len(placed.rooms)))),
            misses=(*found.misses, *placed.misses),
        )
    return found


def rooms_for(tx: Transaction, launch: launching.Launch) -> list[Room]:
    return placement.rooms(instances_for(tx, launch), tx.totals(Task, "container_instance_arn"))


def instances_for(tx: Transaction, launch: launching.Launch) -> list[ContainerInstance]:
    """Every instance of the cluster that is of the launch type: EXTERNAL tasks run on external instances alone.

    Those of Fargate are nobody's cluster's.
    """
    if launch.launch_type == "FARGATE":
        return fargate_hosts(tx, launch.cluster_arn)
    instances = tx.list(ContainerInstance, cluster_arn=launch.cluster_arn)
    external = launch.launch_type == "EXTERNAL"
    return [i for i in instances if (EXTERNAL in i.attributes) is external and i.status is not InstanceStatus.INACTIVE]


def fargate_hosts(tx: Transaction, cluster_arn: str) -> list[ContainerInstance]:
    """The hosts that serve Fargate in the cluster's region."""
    pool = f"{cluster_arn.rpartition('/')[0]}/{FARGATE_POOL}"
    hosts = tx.list(ContainerInstance, cluster_arn=pool)
    return [host for host in hosts if host.status is not InstanceStatus.INACTIVE]


def providers(strategy: Sequence[Mapping[str, Any]], count: int) -> list[str | None]:
    """The capacity provider of each of `count` tasks that are the first of theirs; None without a strategy."""
    return list(shares.providers(strategy, {}, count)) if strategy else [None] * count
