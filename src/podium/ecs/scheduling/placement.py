"""What a task needs of a container instance, what an instance can promise, and why the two may not go together.

Everything here is a function of its arguments: no store, no clock. Which of many instances fit, and which of them a
task goes to, is decided for all at once in `fitting` and `choosing`; this says the same about one.
Source: Amazon ECS Developer Guide, "How Amazon ECS places tasks on container instances".
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from podium.ecs import query
from podium.ecs.errors import InvalidParameter
from podium.ecs.records import ContainerInstance, DaemonServiceReservation, Held, InstanceStatus, Task

Below = Callable[[int], int]
AZ = "ecs.availability-zone"
EXTERNAL = "ecs.capability.external"
"""The attribute of an instance that joined through an activation."""

_INACTIVE, _NOTHING = InstanceStatus.INACTIVE, Held()
DEFAULT_SPREAD = ({"type": "spread", "field": f"attribute:{AZ}"}, {"type": "spread", "field": "instanceId"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirements:
    """What one task needs of an instance. CPU in units, memory in MiB, ports as static host ports.

    `group` is as `fleet_group` has it. `zones` are those of the subnets that the task may be in; empty where any
    will do. `member_of` are expressions of the cluster query language, already found valid; every one must hold.
    `external` says whether only instances that joined through an activation come into question, or only others;
    `of_group`, those of one Auto Scaling group.
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
    external: bool = False
    of_group: str | None = None


def fleet_group(launch_type: str, cluster_arn: str, group: str) -> str:
    """What a fleet calls a group of tasks. Those of several clusters share the hosts that serve Fargate."""
    return f"{cluster_arn}#{group}" if launch_type == "FARGATE" else group


class Room(msgspec.Struct, frozen=True):
    """What an instance can still promise, when its tasks hold `held` and `kept` is for daemons to come.

    Never less than nothing: an instance that was re-registered smaller while full has nothing to offer.
    """

    instance: ContainerInstance
    held: Held
    kept: Held = _NOTHING

    @property
    def for_daemons(self) -> "Room":
        """The same, as a daemon sees it."""
        return Room(self.instance, self.held)

    @property
    def cpu(self) -> int:
        return max(0, self.instance.cpu - self.held.cpu - self.kept.cpu)

    @property
    def memory_mib(self) -> int:
        return max(0, self.instance.memory_mib - self.held.memory_mib - self.kept.memory_mib)

    @property
    def ports(self) -> set[int]:
        return {*self.instance.ports, *self.held.ports, *self.kept.ports}

    @property
    def ports_udp(self) -> set[int]:
        return {*self.instance.ports_udp, *self.held.ports_udp, *self.kept.ports_udp}

    @property
    def gpus(self) -> list[str]:
        """The ids of those that no task has."""
        return [gpu for gpu in self.instance.gpus if gpu not in self.held.gpus]

    @property
    def zone(self) -> str:
        return self.instance.custom_attributes.get(AZ) or self.instance.attributes.get(AZ) or ""

    @property
    def attributes(self) -> Mapping[str, str | None]:
        return {**self.instance.attributes, **self.instance.custom_attributes}

    @property
    def facts(self) -> query.Facts:
        return query.Facts(instance=self.instance, running=self.held.running, groups=tuple(self.held.groups))

    def site(self, needs: Requirements) -> "Site":
        return Site(instance=self.instance, zone=self.zone, gpu_ids=tuple(self.gpus[: needs.gpus]))


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Where a task is to go: the instance, its zone, and which of its GPUs the task gets."""

    instance: ContainerInstance
    zone: str = ""
    gpu_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Miss:
    """Why an instance could not take a task, in the word of RunTask's `failures`."""

    instance_arn: str
    reason: str


def rooms(instances: Iterable[ContainerInstance], held: Callable[[str], Held]) -> list[Room]:
    """What each instance can still promise, after every task that is not STOPPED has its whole reservation.

    `held` says what an instance's tasks hold.
    """
    return [Room(instance, held(instance.arn)) for instance in instances if instance.status is not _INACTIVE]


def held_by(tasks: Iterable[Task]) -> Callable[[str], Held]:
    """What each instance's tasks hold, of these tasks."""
    found: dict[str, Held] = {}
    for task in tasks:
        arn = task.container_instance_arn or ""
        found[arn] = found.get(arn, _NOTHING).plus(task)
    return lambda arn: found.get(arn, _NOTHING)


def kept(reservations: Iterable[DaemonServiceReservation], held: Held) -> Held:
    """What the instance whose tasks hold `held` keeps for daemons to come."""
    found = _NOTHING
    for one in reservations:
        there = one.group in held.groups
        cpu, memory_mib = (one.more_cpu, one.more_memory_mib) if there else (one.cpu, one.memory_mib)
        found = found.changed(1, cpu, memory_mib, one.ports, one.ports_udp, (), one.group)
    return found


IN_ORDER = (
    "INACTIVE",
    "AGENT",
    "RESOURCE:CPU",
    "RESOURCE:MEMORY",
    "RESOURCE:PORTS",
    "RESOURCE:GPU",
    "LOCATION",
    "ATTRIBUTE",
    "DistinctInstance placement constraint unsatisfied.",
    "MemberOf placement constraint unsatisfied.",
)
"""What `unfit` may answer, in the order in which it looks."""


def unfit(needs: Requirements, room: Room) -> str | None:
    """The first requirement that the instance does not meet, in ECS's order; None when it fits."""
    return away(room) or short(needs, room) or unsuited(needs, room)


def away(room: Room) -> str | None:
    """Why nothing at all can be placed there now."""
    if room.instance.status is not InstanceStatus.ACTIVE:
        return "INACTIVE"
    return None if room.instance.takes_tasks else "AGENT"


def short(needs: Requirements, room: Room) -> str | None:
    """The first resource that is not left."""
    if needs.cpu > room.cpu:
        return "RESOURCE:CPU"
    if needs.memory_mib > room.memory_mib:
        return "RESOURCE:MEMORY"
    if needs.ports & room.ports or needs.ports_udp & room.ports_udp:
        return "RESOURCE:PORTS"
    return "RESOURCE:GPU" if needs.gpus > len(room.gpus) else None


def unsuited(needs: Requirements, room: Room) -> str | None:
    """The first thing, other than resources, that the task wants and the instance is not.

    Tasks that were asked to stop are in nobody's way but for what they hold, as on AWS: "Amazon ECS looks at the
    desired status of the tasks" (Developer Guide, "Define which container instances Amazon ECS uses for tasks").
    """
    attributes = room.attributes
    if needs.zones and room.zone not in needs.zones:
        return "LOCATION"
    if not needs.attributes <= attributes.keys() or not _same_platform(needs, attributes):
        return "ATTRIBUTE"
    if needs.distinct and room.held.staying(needs.group):
        return "DistinctInstance placement constraint unsatisfied."
    if not all(is_member(room, expression) for expression in needs.member_of):
        return "MemberOf placement constraint unsatisfied."
    return None


def is_member(room: Room, expression: str) -> bool:
    """A definition of a time when expressions were not yet read may hold one that is none: it fits nowhere."""
    try:
        return query.holds(query.parsed(expression), room.facts)
    except InvalidParameter:
        return False


def platform(needs: Requirements) -> tuple[tuple[str, str], ...]:
    """The attributes that tell an instance's platform, and what each must say if it says anything."""
    wanted = (("ecs.cpu-architecture", needs.architecture), ("ecs.os-type", needs.os_type))
    return tuple((name, value) for name, value in wanted if value is not None)


def same(wanted: str, told: str | None) -> bool:
    """An instance that does not say what it is may be anything."""
    return (told or wanted).lower() == wanted


def _same_platform(needs: Requirements, attributes: Mapping[str, str | None]) -> bool:
    return all(same(value, attributes.get(name)) for name, value in platform(needs))
