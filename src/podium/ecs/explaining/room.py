"""What each container instance lacks for a task, and which one comes closest. No I/O.

Placing stops at the first requirement that an instance does not meet; here every one is looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from podium.ecs.records import InstanceStatus
from podium.ecs.scheduling import placement
from podium.ecs.scheduling.placement import Requirements, Room


@dataclass(frozen=True, slots=True)
class Unmet:
    """One requirement that one instance does not meet: what it is, what the task needs and what the instance has.

    `has` is empty where there is nothing to measure: an expression holds or does not.
    """

    requirement: str
    needs: str
    has: str

    def in_words(self) -> str:
        return (
            f"{self.requirement} (needs {self.needs}, has {self.has})"
            if self.has
            else f"{self.requirement} {self.needs}"
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement, and how many instances it rules out. `at_best` is what the best of these has."""

    requirement: str
    needs: str
    ruled_out: int
    at_best: str


@dataclass(frozen=True, slots=True)
class Closest:
    """The instance that meets all requirements but the fewest, and these `in_words`."""

    instance_arn: str
    lacks: tuple[Unmet, ...]
    in_words: str


@dataclass(frozen=True, slots=True)
class Survey:
    """Of `instances`, how many `fit`, and what rules the others out: the same one may be ruled out many times."""

    instances: int
    fit: int
    rows: tuple[Row, ...]
    closest: Closest | None


def survey(needs: Requirements, rooms: Sequence[Room], providers: Mapping[str, str] = MappingProxyType({})) -> Survey:
    """`providers` are the capacity providers of the strategy, where there is one, by their Auto Scaling groups."""
    lacks = {room.instance.arn: (*_of_provider(room, providers), *unmet(needs, room)) for room in rooms}
    found: dict[tuple[str, str], list[str]] = {}
    for each in lacks.values():
        for one in each:
            found.setdefault((one.requirement, one.needs), []).append(one.has)
    rows = [Row(name, needed, len(had), max(had, key=_size)) for (name, needed), had in found.items()]
    closest = min(lacks.items(), key=lambda item: (len(item[1]), item[0]), default=None)
    return Survey(
        instances=len(rooms),
        fit=sum(not each for each in lacks.values()),
        rows=tuple(sorted(rows, key=lambda row: (-row.ruled_out, row.requirement, row.needs))),
        closest=_closest(*closest) if closest and closest[1] else None,
    )


def _closest(arn: str, lacks: tuple[Unmet, ...]) -> Closest:
    return Closest(arn, lacks, "; ".join(one.in_words() for one in lacks))


def _size(had: str) -> tuple[int, str]:
    """Amounts by their number, everything else by its text."""
    number = had.partition(" ")[0]
    return int(number) if number.isdecimal() else 0, had


def _of_provider(room: Room, providers: Mapping[str, str]) -> Iterator[Unmet]:
    group = room.instance.group_name
    if providers and group not in providers:
        yield Unmet("capacity provider", " or ".join(providers.values()), f"group {group}" if group else "no group")


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
        yield Unmet("CPU", f"{needs.cpu} units", _left(room.cpu, room.for_daemons.cpu, "units"))
    if needs.memory_mib > room.memory_mib:
        yield Unmet("memory", f"{needs.memory_mib} MiB", _left(room.memory_mib, room.for_daemons.memory_mib, "MiB"))
    used = room.for_daemons
    for kind, wanted, taken, in_use in (
        ("tcp", needs.ports, room.ports, used.ports),
        ("udp", needs.ports_udp, room.ports_udp, used.ports_udp),
    ):
        for port in sorted(wanted & taken):
            yield Unmet("port", f"{port}/{kind}", "in use" if port in in_use else "kept for a daemon")
    if needs.gpus > len(room.gpus):
        yield Unmet("GPU", str(needs.gpus), str(len(room.gpus)))


def _left(amount: int, for_daemons: int, unit: str) -> str:
    """What is kept for the tasks of DAEMON services is no other's, though nobody has it yet."""
    kept = for_daemons - amount
    return f"{amount} {unit}, {kept} more kept for daemons" if kept else f"{amount} {unit}"


def _attributes(needs: Requirements, room: Room) -> Iterator[Unmet]:
    has = room.attributes
    for name in sorted(needs.attributes - has.keys()):
        yield Unmet("attribute", name, "missing")
    for name, value in placement.platform(needs):
        if not placement.same(value, has.get(name)):
            yield Unmet("attribute", f"{name} {value}", has.get(name) or "")
    if needs.zones and room.zone not in needs.zones:
        yield Unmet("Availability Zone", " or ".join(sorted(needs.zones)), room.zone or "none")


def _constraints(needs: Requirements, room: Room) -> Iterator[Unmet]:
    if needs.distinct and (others := room.held.staying(needs.group)):
        yield Unmet("distinctInstance", f"no other task of {needs.group}", f"{others} tasks")
    for expression in needs.member_of:
        if not placement.is_member(room, expression):
            yield Unmet("memberOf", expression, "")
