"""Where tasks that are to start go: to instances, by way of capacity providers where a strategy says so."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from podium.ecs import names
from podium.ecs.query import Subject
from podium.ecs.records import CapacityProvider
from podium.ecs.records.clusters import FARGATE_POOL
from podium.ecs.rules.capacity_providers import FARGATE
from podium.ecs.scheduling import balance, launching, shares
from podium.ecs.scheduling.choosing import Trial
from podium.ecs.scheduling.fitting import Fitting
from podium.ecs.scheduling.fleets import Fleets
from podium.ecs.scheduling.placement import AZ, Below, Miss, Requirements, Room, Site
from podium.ecs.scheduling.zones import Zones
from podium.store.records import replace
from podium.store.session import Transaction

Seat = tuple[Site, str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Seats:
    """Sites with the capacity provider that each belongs to. `unseated` names the provider of every other task.

    `missed` is, by these providers, why their instances do not take the others.
    """

    taken: tuple[Seat, ...] = ()
    unseated: tuple[str | None, ...] = ()
    missed: Mapping[str | None, tuple[Miss, ...]] = field(default_factory=dict)

    @property
    def misses(self) -> tuple[Miss, ...]:
        return tuple(miss for missed in self.missed.values() for miss in missed)


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
    found = Seats()
    with _trial(fitting_for(tx, wish.launch)) as trial:
        for name, count in _shared(wish).items():
            placed = trial.place(_needs(tx, wish.launch, name), count, wish.strategy, below)
            found = Seats(
                taken=(*found.taken, *((site, name) for site in placed.sites)),
                unseated=(*found.unseated, *(name for _ in range(count - len(placed.sites)))),
                missed={**found.missed, name: placed.misses},
            )
    return found


def _shared(wish: Wish) -> Mapping[str | None, int]:
    """How many of the tasks each capacity provider gets; all of them None, without a strategy."""
    if not wish.providers:
        return {None: wish.count}
    return Counter(shares.providers(wish.providers, wish.held, wish.count))


@contextmanager
def _trial(fitting: Fitting) -> Iterator[Trial]:
    trial = Trial(fitting)
    try:
        yield trial
    finally:
        trial.undo()


def _needs(tx: Transaction, launch: launching.Launch, provider: str | None) -> Requirements:
    """Instances of a capacity provider are those of its group; of Fargate, any that serves it."""
    if provider is None or provider in FARGATE:
        return launch.needs
    found = tx.get(CapacityProvider, names.provider_arn(launch.definition.home, provider))
    return replace(launch.needs, of_group=found.group_name if found is not None else "")


def fitting_for(tx: Transaction, launch: launching.Launch) -> Fitting:
    return tx.view(Fleets).of(hosts_arn(launch))


def hosts_arn(launch: launching.Launch) -> str:
    """The cluster whose instances may have its tasks; on Fargate that of the hosts that serve it in the region."""
    if launch.launch_type != "FARGATE":
        return launch.cluster_arn
    return f"{launch.cluster_arn.rpartition('/')[0]}/{FARGATE_POOL}"


def rooms_for(tx: Transaction, launch: launching.Launch) -> list[Room]:
    """What each instance that comes into question for the launch can promise, whether or not it fits."""
    fitting = fitting_for(tx, launch)
    return list(fitting.fleet.some(fitting.considered(launch.needs)))


def any_instance(tx: Transaction, launch: launching.Launch) -> bool:
    """Whether any comes into question for the launch at all."""
    return bool(fitting_for(tx, launch).considered(launch.needs))


def zones_for(tx: Transaction, launch: launching.Launch) -> set[str]:
    """Those that have an instance which comes into question and takes tasks now."""
    fitting = fitting_for(tx, launch)
    there = fitting.considered(launch.needs) & fitting.fleet.ready
    values = fitting.fleet.by_value(Subject.ATTRIBUTE, AZ)
    return {zone for zone, rows in values.items() if zone and rows & there}


def in_zones(tx: Transaction, launch: launching.Launch, count: int, below: Below) -> list[launching.Launch]:
    """What each of `count` tasks is launched as. On Fargate each goes to the zone that has the fewest of its group;
    elsewhere instances have zones.
    """
    zones = set(launch.zones.values())
    if launch.launch_type != "FARGATE" or len(zones) < 2:
        return [launch] * count
    known = tx.view(Zones).of(launch.needs.group)
    had = {zone: known.get(zone, 0) for zone in zones}
    return [balance.within(launch, zone) for zone in balance.filled(had, zones, count, below)]


def providers(strategy: Sequence[Mapping[str, Any]], count: int) -> list[str | None]:
    """The capacity provider of each of `count` tasks that are the first of theirs; None without a strategy."""
    return list(shares.providers(strategy, {}, count)) if strategy else [None] * count
