"""What each container instance lacks for a task, and which one comes closest. No I/O.

Placing stops at the first requirement that an instance does not meet; here every one is looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from podium.ecs import query
from podium.ecs.errors import InvalidParameter
from podium.ecs.records import InstanceStatus
from podium.ecs.scheduling import placement
from podium.ecs.scheduling.placement import Requirements, Room


@dataclass(frozen=True, slots=True)
class Unmet:
    """One requirement that one instance does not meet: what it is, what the task needs and what the instance has."""

    requirement: str
    needs: str
    has: str


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement, and how many instances it rules out. `at_best` is what the best of these has."""

    requirement: str
    needs: str
    ruled_out: int
    at_best: str


@dataclass(frozen=True, slots=True)
class Closest:
    """The instance that meets all requirements but the fewest."""

    instance_arn: str
    lacks: tuple[Unmet, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """Of `instances`, how many `fit`, and what rules the others out: the same one may be ruled out many times."""

    instances: int
    fit: int
    rows: tuple[Row, ...]
    closest: Closest | None


def survey(needs: Requirements, rooms: Sequence[Room], owners: Mapping[str, str | None] | None = None,
           providers: Sequence[str] = ()) -> Survey:  # fmt: skip
    """`owners` names each instance's capacity provider, `providers` those of the strategy, where there is one."""
    lacks = {room.instance.arn: _all_unmet(needs, room, owners or {}, providers) for room in rooms}
    found: dict[tuple[str, str], list[str]] = {}
    for unmet in lacks.values():
        for one in unmet:
            found.setdefault((one.requirement, one.needs), []).append(one.has)
    rows = [Row(name, needed, len(had), max(had, key=_size)) for (name, needed), had in found.items()]
    closest = min(lacks.items(), key=lambda item: (len(item[1]), item[0]), default=None)
    return Survey(
        instances=len(rooms),
        fit=sum(not unmet for unmet in lacks.values()),
        rows=tuple(sorted(rows, key=lambda row: (-row.ruled_out, row.requirement, row.needs))),
        closest=Closest(closest[0], closest[1]) if closest and closest[1] else None,
    )


def _size(had: str) -> tuple[int, str]:
    """Amounts by their number, everything else by its text."""
    number = had.partition(" ")[0]
    return int(number) if number.isdecimal() else 0, had


def _all_unmet(
    needs: Requirements, room: Room, owners: Mapping[str, str | None], providers: Sequence[str]
) -> tuple[Unmet, ...]:
    found = [*_of_provider(room, owners, providers), *unmet(needs, room)]
    return tuple(found)


def _of_provider(room: Room, owners: Mapping[str, str | None], providers: Sequence[str]) -> Iterator[Unmet]:
    owner = owners.get(room.instance.arn)
    if providers and owner not in providers:
        yield Unmet("capacity provider", " or ".join(providers), owner or "none")


def unmet(needs: Requirements, room: Room) -> list[Unmet]:
    """Every requirement that the instance does not meet; empty when it would be taken."""
    reason = placement.unfit(needs, room)
    if reason is None:
        return []
    found = [*_state(room), *_resources(needs, room), *_attributes(needs, room), *_constraints(needs, room)]
    return found or [Unmet(reason, "", "")]


def _state(room: Room) -> Iterator[Unmet]:
    if room.instance.status is not InstanceStatus.ACTIVE:
        yield Unmet("status", "ACTIVE", room.instance.status.value)
    if not room.instance.agent_connected:
        yield Unmet("agent", "connected", "not connected")
    elif not room.instance.takes_tasks:
        yield Unmet("host", "cleaned up after its loss", "back, and not done yet")


def _resources(needs: Requirements, room: Room) -> Iterator[Unmet]:
    if needs.cpu > room.cpu:
        yield Unmet("CPU", f"{needs.cpu} units", f"{room.cpu} units")
    if needs.memory_mib > room.memory_mib:
        yield Unmet("memory", f"{needs.memory_mib} MiB", f"{room.memory_mib} MiB")
    for kind, wanted, taken in (("tcp", needs.ports, room.ports), ("udp", needs.ports_udp, room.ports_udp)):
        for port in sorted(set(wanted) & set(taken)):
            yield Unmet("port", f"{port}/{kind}", "in use")
    gpus = len(getattr(room, "gpus", ()))
    if needs.gpus > gpus:
        yield Unmet("GPU", str(needs.gpus), str(gpus))


def _attributes(needs: Requirements, room: Room) -> Iterator[Unmet]:
    has = room.attributes
    for name in sorted(needs.attributes - has.keys()):
        yield Unmet("attribute", name, "missing")
    platform = (("ecs.cpu-architecture", needs.architecture), ("ecs.os-type", needs.os_type))
    for name, value in platform:
        own = (has.get(name) or value or "").lower()
        if value is not None and own != value:
            yield Unmet("attribute", f"{name} {value}", own)
    if needs.zones and room.zone not in needs.zones:
        yield Unmet("Availability Zone", " or ".join(sorted(needs.zones)), room.zone or "none")


def _constraints(needs: Requirements, room: Room) -> Iterator[Unmet]:
    if needs.distinct and (others := room.held.groups.get(needs.group)):
        yield Unmet("distinctInstance", f"no other task of {needs.group}", f"{others} tasks")
    for expression in needs.member_of:
        if not _holds(expression, room):
            yield Unmet("memberOf", expression, "does not hold")


def _holds(expression: str, room: Room) -> bool:
    try:
        return query.holds(query.parsed(expression), room.facts)
    except InvalidParameter:
        return False
