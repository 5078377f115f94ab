"""Which container instance a task goes to, and why the others cannot have it.

Everything here is a function of its arguments: no store, no clock. Chance is handed in.
Source: Amazon ECS Developer Guide, "How Amazon ECS places tasks on container instances".
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from podium.ecs import query
from podium.ecs.errors import InvalidParameter
from podium.ecs.records import ContainerInstance, Held, InstanceStatus, Task

Below = Callable[[int], int]
AZ = "ecs.availability-zone"
_INACTIVE, _NOTHING = InstanceStatus.INACTIVE, Held()
DEFAULT_SPREAD = ({"type": "spread", "field": f"attribute:{AZ}"}, {"type": "spread", "field": "instanceId"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirements:
    """What one task needs of an instance. CPU in units, memory in MiB, ports as static host ports.

    `zones` are those of the subnets that the task may be in; empty where any will do. `member_of` are expressions
    of the cluster query language, already found valid; every one must hold.
    """

    cpu: int = 0
    memory_mib: int = 0
    ports: frozenset[int] = frozenset()
    ports_udp: frozenset[int] = frozenset()
    attributes: frozenset[str] = frozenset()
    architecture: str | None = None
    os_type: str | None = None
    gpus: int = 0
    group: str = ""
    distinct: bool = False
    member_of: tuple[str, ...] = ()
    zones: frozenset[str] = frozenset()


@dataclass(slots=True)
class Room:
    """What an instance can still promise. Changes as tasks are placed."""

    instance: ContainerInstance
    cpu: int
    memory_mib: int
    ports: set[int]
    ports_udp: set[int]
    groups: Counter[str] = field(default_factory=Counter)
    running: int = 0

    @property
    def zone(self) -> str:
        return self.attributes.get(AZ) or ""

    @property
    def attributes(self) -> Mapping[str, str | None]:
        return {**self.instance.attributes, **self.instance.custom_attributes}

    @property
    def facts(self) -> query.Facts:
        return query.Facts(instance=self.instance, running=self.running, groups=tuple(self.groups))

    def hold(self, cpu: int, memory_mib: int, ports: Iterable[int], ports_udp: Iterable[int], group: str) -> None:
        self.cpu -= cpu
        self.memory_mib -= memory_mib
        self.ports.update(ports)
        self.ports_udp.update(ports_udp)
        self.groups[group] += 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Miss:
    """Why an instance could not take a task, in the word of RunTask's `failures`."""

    instance_arn: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """The rooms chosen, one a task and in order; and, when they are fewer than asked, what stood in the way."""

    rooms: tuple[Room, ...]
    misses: tuple[Miss, ...] = ()


def rooms(instances: Iterable[ContainerInstance], held: Callable[[str], Held]) -> list[Room]:
    """What each instance can still promise, after every task that is not STOPPED has its whole reservation.

    `held` says what an instance's tasks hold. Never negative: an instance that was re-registered smaller
    while full has nothing to offer.
    """
    return [_room(instance, held(instance.arn)) for instance in instances if instance.status is not _INACTIVE]


def _room(instance: ContainerInstance, held: Held) -> Room:
    return Room(
        instance=instance,
        cpu=max(0, instance.cpu - held.cpu),
        memory_mib=max(0, instance.memory_mib - held.memory_mib),
        ports={*instance.ports, *held.ports},
        ports_udp={*instance.ports_udp, *held.ports_udp},
        groups=Counter(held.groups),
        running=held.running,
    )


def held_by(tasks: Iterable[Task]) -> Callable[[str], Held]:
    """What each instance's tasks hold, of these tasks."""
    found: dict[str, Held] = {}
    for task in tasks:
        arn = task.container_instance_arn or ""
        found[arn] = found.get(arn, _NOTHING).plus(task)
    return lambda arn: found.get(arn, _NOTHING)


def place(
    needs: Requirements, count: int, among: Sequence[Room], strategy: Sequence[Mapping[str, str]], below: Below
) -> Placement:
    """Up to `count` tasks that all need the same, placed one after the other.

    `strategy` items narrow the candidates in order; what is left after the last is drawn by chance.
    """
    chosen: list[Room] = []
    while len(chosen) < count:
        reasons = [(room, unfit(needs, room)) for room in among]
        fitting = [room for room, reason in reasons if reason is None]
        if not fitting:
            misses = [Miss(instance_arn=r.instance.arn, reason=reason) for r, reason in reasons if reason]
            return Placement(rooms=tuple(chosen), misses=tuple(misses))
        room = best(needs, fitting, among, strategy, below)
        room.hold(needs.cpu, needs.memory_mib, needs.ports, needs.ports_udp, needs.group)
        chosen.append(room)
    return Placement(rooms=tuple(chosen))


def unfit(needs: Requirements, room: Room) -> str | None:
    """The first requirement that the instance does not meet, in ECS's order; None when it fits."""
    if room.instance.status is not InstanceStatus.ACTIVE:
        return "INACTIVE"
    if not room.instance.agent_connected:
        return "AGENT"
    if needs.cpu > room.cpu:
        return "RESOURCE:CPU"
    if needs.memory_mib > room.memory_mib:
        return "RESOURCE:MEMORY"
    if needs.ports & room.ports or needs.ports_udp & room.ports_udp:
        return "RESOURCE:PORTS"
    if needs.gpus:
        return "RESOURCE:GPU"
    attributes = room.attributes
    if needs.zones and room.zone not in needs.zones:
        return "ATTRIBUTE"
    if not needs.attributes <= attributes.keys() or not _same_platform(needs, attributes):
        return "ATTRIBUTE"
    if needs.distinct and room.groups[needs.group]:
        return "DistinctInstance placement constraint unsatisfied."
    if not all(_is_member(room, expression) for expression in needs.member_of):
        return "MemberOf placement constraint unsatisfied."
    return None


def _is_member(room: Room, expression: str) -> bool:
    """A definition of a time when expressions were not yet read may hold one that is none: it fits nowhere."""
    try:
        return query.holds(query.parsed(expression), room.facts)
    except InvalidParameter:
        return False


def _same_platform(needs: Requirements, attributes: Mapping[str, str | None]) -> bool:
    """An instance that does not say what it is may be anything."""
    wanted = (("ecs.cpu-architecture", needs.architecture), ("ecs.os-type", needs.os_type))
    return all(value is None or (attributes.get(name) or value).lower() == value for name, value in wanted)


def best(
    needs: Requirements,
    fitting: Sequence[Room],
    among: Sequence[Room],
    strategy: Sequence[Mapping[str, str]],
    below: Below,
) -> Room:
    left = list(fitting)
    for item in strategy:
        if item["type"] == "random":
            break
        score = _binpack(item) if item["type"] == "binpack" else _spread(item, needs.group, among)
        least = min(map(score, left))
        left = [room for room in left if score(room) == least]
    return left[below(len(left))] if len(left) > 1 else left[0]


def _binpack(item: Mapping[str, str]) -> Callable[[Room], int]:
    if item["field"].lower() == "cpu":
        return lambda room: room.cpu
    return lambda room: room.memory_mib


def _spread(item: Mapping[str, str], group: str, among: Sequence[Room]) -> Callable[[Room], int]:
    """How many tasks of the group the room's bucket has already. Rooms without the attribute share a bucket."""
    where = item["field"]
    if where in ("instanceId", "host"):
        return lambda room: room.groups[group]
    name = where.removeprefix("attribute:")
    buckets: Counter[str | None] = Counter()
    for room in among:
        buckets[room.attributes.get(name)] += room.groups[group]
    return lambda room: buckets[room.attributes.get(name)]
