"""The container instances of one cluster and what each can promise, kept for thousands of them.

Every instance is a row. What may be asked is kept as sets of rows, so that a question about all of them takes a few
operations, however many there are and however much is placed on them. Nothing here decides.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import TypeVar

from podium.ecs.query import Subject
from podium.ecs.records import ContainerInstance, DaemonServiceReservation, Held
from podium.ecs.scheduling import placement
from podium.ecs.scheduling.columns import Column, Rows, numbers, without
from podium.ecs.scheduling.placement import Room
from podium.ecs.scheduling.tallies import Tallies

K = TypeVar("K", bound=Hashable)
_NOTHING = Held()


class Fleet:
    """`cpu`, `memory_mib` and `gpus` are what is left and not kept for daemons; `ports` and `ports_udp` the rows that
    have each in use or keep it; `leaving` the rows that have tasks of a group, all of which were asked to stop.

    `changes` rises whenever an instance's description does: what follows from descriptions alone holds as long.
    """

    def __init__(self) -> None:
        self.everyone: Rows = 0
        self.ready: Rows = 0  # ACTIVE, and takes tasks
        self.connected: Rows = 0
        self.cpu, self.memory_mib, self.gpus = Column(), Column(), Column()
        self.ports: dict[int, Rows] = {}
        self.ports_udp: dict[int, Rows] = {}
        self.leaving: dict[str, Rows] = {}
        self.tallies = Tallies(self.like)
        self.changes = 0
        self._rooms: list[Room | None] = []
        self._row_of: dict[str, int] = {}  # by the instance's ARN
        self._free: list[int] = []
        self._reserved: dict[int, Collection[DaemonServiceReservation]] = {}
        self._running: dict[int, Rows] = {}  # by how many tasks run there
        self._values: dict[tuple[Subject, str], dict[str | None, Rows]] = {}

    def row(self, arn: str) -> int | None:
        return self._row_of.get(arn)

    def at(self, row: int) -> Room:
        room = self._rooms[row]
        assert room is not None, "a set of rows holds only rows with an instance"
        return room

    def some(self, rows: Rows) -> Iterable[Room]:
        return map(self.at, numbers(rows))

    def join(
        self, instance: ContainerInstance, held: Held = _NOTHING, reserved: Collection[DaemonServiceReservation] = ()
    ) -> None:
        row = self._free.pop() if self._free else len(self._rooms)
        if row == len(self._rooms):
            self._rooms.append(None)
        self._row_of[instance.arn] = row
        self._rooms[row] = Room(instance, _NOTHING)
        self.everyone |= 1 << row
        self._flag(1 << row, instance)
        self._offer(row, instance, comes=True)
        self.hold(row, held, held.groups)
        self.reserve(row, reserved)

    def leave(self, arn: str) -> None:
        row = self._row_of.pop(arn)
        room = self.at(row)
        self.reserve(row, ())
        self.hold(row, _NOTHING, room.held.groups)
        self._offer(row, room.instance, comes=False)
        self._flag(1 << row, None)
        self.everyone = without(self.everyone, 1 << row)
        self._rooms[row] = None
        self._free.append(row)

    def update(self, instance: ContainerInstance) -> None:
        """The instance is as it says, from now on."""
        row = self._row_of[instance.arn]
        room = self.at(row)
        if _offered(room.instance) == _offered(instance):
            self._rooms[row] = Room(instance, room.held, room.kept)
            self._flag(1 << row, instance)
        else:
            reserved = self._reserved.get(row, ())
            self.leave(instance.arn)
            self.join(instance, room.held, reserved)

    def reserve(self, row: int, reserved: Collection[DaemonServiceReservation]) -> None:
        """What the instance keeps for daemons, from now on."""
        if reserved:
            self._reserved[row] = reserved
        elif self._reserved.pop(row, None) is None:
            return
        held = self.at(row).held
        self._become(row, held, placement.kept(reserved, held), ())

    def hold(self, row: int, held: Held, groups: Collection[str]) -> None:
        """The tasks of the instance hold `held` together, from now on. `groups` are those that may have changed."""
        kept, reserved = self.at(row).kept, self._reserved.get(row)
        if reserved and any(one.group in groups for one in reserved):
            kept = placement.kept(reserved, held)
        self._become(row, held, kept, groups)

    def _become(self, row: int, held: Held, kept: Held, groups: Collection[str]) -> None:
        before = self.at(row)
        after = self._rooms[row] = Room(before.instance, held, kept)
        bit, was, recut = 1 << row, before.held, kept is not before.kept
        if recut or was.cpu != held.cpu:
            self.cpu.change(bit, before.cpu, after.cpu)
        if recut or was.memory_mib != held.memory_mib:
            self.memory_mib.change(bit, before.memory_mib, after.memory_mib)
        if was.gpus != held.gpus:
            self.gpus.change(bit, len(before.gpus), len(after.gpus))
        if recut or was.ports != held.ports:
            _move(self.ports, bit, before.ports, after.ports)
        if recut or was.ports_udp != held.ports_udp:
            _move(self.ports_udp, bit, before.ports_udp, after.ports_udp)
        if was.running != held.running:
            _move(self._running, bit, {was.running}, {held.running})
        for group in groups:
            more = held.groups.get(group, 0) - was.groups.get(group, 0)
            if more:
                self.tallies.change(row, group, more)
            if was.leaving or held.leaving:
                _move(self.leaving, bit, _all_leaving(was, group), _all_leaving(held, group))

    def by_value(self, subject: Subject, attribute: str = "") -> Mapping[str | None, Rows]:
        """See `query.Census`. What a description says is put in order when it is first asked for."""
        if subject is Subject.TASK_GROUP:
            return {group: self.tallies.holders(group) for group in self.tallies.groups()}
        if subject is Subject.RUNNING_TASKS_COUNT:
            return {str(count): rows for count, rows in self._running.items()}
        if subject is Subject.AGENT_CONNECTED:
            return {"true": self.connected, "false": self.everyone ^ self.connected}
        known = self._values.get((subject, attribute))
        if known is None:
            known = self._values[subject, attribute] = {}
            for row in numbers(self.everyone):
                _move(known, 1 << row, set(), {_value(self.at(row).instance, subject, attribute)})
        return known

    def like(self, row: int, attribute: str) -> Rows:
        """The rows with the same value of the attribute as `row`. Those that lack it, or have it empty, are alike."""
        values = self.by_value(Subject.ATTRIBUTE, attribute)
        value = _value(self.at(row).instance, Subject.ATTRIBUTE, attribute)
        return values[value] if value else values.get("", 0) | values.get(None, 0)

    def _flag(self, bit: Rows, instance: ContainerInstance | None) -> None:
        connected = instance is not None and instance.agent_connected
        ready = instance is not None and placement.away(Room(instance, _NOTHING)) is None
        self.connected = without(self.connected, bit) | (bit if connected else 0)
        self.ready = without(self.ready, bit) | (bit if ready else 0)

    def _offer(self, row: int, instance: ContainerInstance, *, comes: bool) -> None:
        """An instance without tasks comes, or goes."""
        bit = 1 << row
        for column, number in (
            (self.cpu, instance.cpu),
            (self.memory_mib, instance.memory_mib),
            (self.gpus, len(instance.gpus)),
        ):
            column.change(bit, 0, number) if comes else column.change(bit, number, 0)
        _move(self.ports, bit, *_way({*instance.ports}, comes))
        _move(self.ports_udp, bit, *_way({*instance.ports_udp}, comes))
        _move(self._running, bit, *_way({0}, comes))
        for (subject, attribute), values in self._values.items():
            _move(values, bit, *_way({_value(instance, subject, attribute)}, comes))
        self.tallies.forget_buckets()
        self.changes += 1


def _offered(instance: ContainerInstance) -> tuple[object, ...]:
    """What `Fleet._offer` reads."""
    return (
        instance.cpu,
        instance.memory_mib,
        instance.gpus,
        instance.ports,
        instance.ports_udp,
        instance.attributes,
        instance.custom_attributes,
        instance.agent_version,
        instance.ec2_instance_id,
        instance.registered_at,
    )


def _value(instance: ContainerInstance, subject: Subject, attribute: str) -> str | None:
    """What the instance's description says; None when it does not say it at all."""
    if subject is Subject.AGENT_VERSION:
        return instance.agent_version or None
    if subject is Subject.EC2_INSTANCE_ID:
        return instance.ec2_instance_id
    if subject is Subject.REGISTERED_AT:
        return instance.registered_at.isoformat()
    for attributes in (instance.custom_attributes, instance.attributes):
        if attribute in attributes:
            return attributes[attribute] or ""
    return None


def _all_leaving(held: Held, group: str) -> set[str]:
    return {group} if held.leaving.get(group) and not held.staying(group) else set()


def _way(keys: set[K], comes: bool) -> tuple[set[K], set[K]]:
    """Before and after, for a row that comes with `keys` or goes with them."""
    return (set(), keys) if comes else (keys, set())


def _move(sets: dict[K, Rows], bit: Rows, before: set[K], after: set[K]) -> None:
    """Take the row out of the sets under `before` and put it into those under `after`."""
    for key in before - after:
        sets[key] ^= bit
        if not sets[key]:
            del sets[key]
    for key in after - before:
        sets[key] = sets.get(key, 0) | bit
