"""A fleet that followed every change answers as one that is looked at anew."""

from collections.abc import Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from laws.ecs.ecs_strategies import CLUSTER, NOW, law
from laws.ecs.plain_placement import PlainFleet
from podium.ecs import query
from podium.ecs.records import ContainerInstance, DaemonServiceReservation, InstanceStatus, Task, TaskStatus
from podium.ecs.scheduling import placement
from podium.ecs.scheduling.choosing import Trial
from podium.ecs.scheduling.columns import Column, nth, numbers
from podium.ecs.scheduling.fleets import Fleets
from podium.ecs.scheduling.placement import Requirements
from podium.store.records import replace

EXPRESSIONS = (
    "attribute:color == red",
    "attribute:color != red",
    "attribute:color exists",
    "attribute:color in [red, blue]",
    "attribute:color =~ r.*",
    "attribute:size > 5",
    "not(task:group == g)",
    "task:group == g",
    "task:group =~ service:.*",
    "runningTasksCount < 2",
    "runningTasksCount == 1 or attribute:color == blue",
    "agentConnected == true",
    "agentVersion >= 1.10.0 and not attribute:color == blue",
    "ec2InstanceId == i-2",
    "registeredAt > 2026-01-01",
    "this is no expression",
)
COLUMN = st.dictionaries(st.integers(0, 200), st.integers(0, 70_000), max_size=40)


@law
@given(COLUMN, st.sets(st.integers(0, 200), max_size=60), st.integers(0, 70_000))
def test_a_column_compares_as_its_numbers_do(numbers_of: dict[int, int], among: set[int], number: int) -> None:
    column, rows = Column(), sum(1 << row for row in among)
    for row, value in numbers_of.items():
        column.change(1 << row, 0, 7)
        column.change(1 << row, 7, value)
    value_of = {row: numbers_of.get(row, 0) for row in among}
    assert numbers(column.at_least(number, rows)) == sorted(row for row in among if value_of[row] >= number)
    assert numbers(column.any()) == sorted(row for row, value in numbers_of.items() if value)
    assert all(column.at(row) == value for row, value in value_of.items())
    if among:
        least = min(value_of.values())
        assert numbers(column.least(rows)) == sorted(row for row in among if value_of[row] == least)
        assert [nth(rows, n) for n in range(len(among))] == sorted(among)


@st.composite
def instances(draw: st.DrawFn, number: int) -> ContainerInstance:
    attributes: dict[str, str | None] = {}
    for name, values in {
        "ecs.availability-zone": ["a", "b"],
        "color": ["red", "blue", "", None],
        "size": ["3", "12", "big"],
        "capability": [None],
        "ecs.cpu-architecture": ["x86_64", "arm64"],
        "ecs.capability.external": [None],
        "podium.auto-scaling-group": ["asg"],
    }.items():
        if draw(st.integers(0, 3)):
            attributes[name] = draw(st.sampled_from(values))
    custom = draw(st.sampled_from([{}, {"color": "red"}, {"size": "7"}]))
    return ContainerInstance(
        arn=f"i{number}",
        home="h",
        cluster_arn=CLUSTER,
        status=draw(st.sampled_from([InstanceStatus.ACTIVE] * 4 + list(InstanceStatus))),
        cpu=draw(st.sampled_from([0, 512, 1024, 3000])),
        memory_mib=draw(st.sampled_from([0, 512, 1024, 3000])),
        ports=draw(st.sampled_from([(), (22,), (80,)])),
        gpus=draw(st.sampled_from([(), ("g1",), ("g1", "g2")])),
        attributes=attributes,
        custom_attributes=custom,
        agent_connected=draw(st.sampled_from([True, True, True, False])),
        agent_version=draw(st.sampled_from(["", "1.9.0", "1.10.1"])),
        ec2_instance_id=f"i-{number}",
        registered_at=NOW,
    )


@st.composite
def tasks(draw: st.DrawFn, number: int) -> Task:
    return Task(
        arn=f"t{number}",
        cluster_arn=CLUSTER,
        task_definition_arn="d",
        container_instance_arn=f"i{draw(st.integers(0, 5))}",
        last_status=draw(st.sampled_from([TaskStatus.PENDING, TaskStatus.RUNNING, TaskStatus.STOPPED])),
        desired_status=draw(st.sampled_from([TaskStatus.RUNNING, TaskStatus.RUNNING, TaskStatus.STOPPED])),
        cpu=draw(st.sampled_from([0, 256, 700])),
        memory_mib=draw(st.sampled_from([0, 256, 700])),
        ports=draw(st.sampled_from([(), (80,), (443,)])),
        ports_udp=draw(st.sampled_from([(), (53,)])),
        gpu_ids=draw(st.sampled_from([(), ("g1",)])),
        group=draw(st.sampled_from(["g", "service:h"])),
        created_at=NOW,
    )


@st.composite
def reservations(draw: st.DrawFn, service: str, number: int) -> DaemonServiceReservation:
    return DaemonServiceReservation(
        arn=f"{service}/i{number}",
        service_arn=service,
        container_instance_arn=f"i{number}",
        group=f"service:{service}",
        cpu=draw(st.sampled_from([0, 256, 700])),
        memory_mib=draw(st.sampled_from([0, 256, 700])),
        ports=draw(st.sampled_from([(), (80,), (443,)])),
        ports_udp=draw(st.sampled_from([(), (53,)])),
        more_cpu=draw(st.sampled_from([0, 100])),
        more_memory_mib=draw(st.sampled_from([0, 100])),
    )


needs = st.builds(
    Requirements,
    cpu=st.sampled_from([0, 256, 800]),
    memory_mib=st.sampled_from([0, 256, 800]),
    ports=st.sampled_from([frozenset(), frozenset({80})]),
    ports_udp=st.sampled_from([frozenset(), frozenset({53})]),
    attributes=st.sampled_from([frozenset(), frozenset({"capability"})]),
    architecture=st.sampled_from([None, None, "arm64"]),
    gpus=st.sampled_from([0, 0, 0, 1]),
    group=st.sampled_from(["g", "service:h"]),
    distinct=st.sampled_from([False, False, True]),
    member_of=st.lists(st.sampled_from(EXPRESSIONS), max_size=2).map(tuple),
    zones=st.sampled_from([frozenset(), frozenset(), frozenset({"a"}), frozenset({"a", "c"})]),
)
item = st.sampled_from(
    [
        {"type": "random"},
        {"type": "spread", "field": "attribute:ecs.availability-zone"},
        {"type": "spread", "field": "attribute:color"},
        {"type": "spread", "field": "instanceId"},
        {"type": "binpack", "field": "cpu"},
        {"type": "binpack", "field": "memory"},
    ]
)


class Lived:
    """Fleets that were told of everything as it happened: joins, changes, departures, tasks, in any order."""

    def __init__(self, data: st.DataObject) -> None:
        self.fleets = Fleets()
        self.instances: dict[str, ContainerInstance] = {}
        self.tasks: dict[str, Task] = {}
        self.reserved: dict[str, DaemonServiceReservation] = {}
        for _ in range(data.draw(st.integers(0, 14))):
            match data.draw(st.sampled_from("iittr")):
                case "i":
                    self.put(self.instances, data.draw(instances(data.draw(st.integers(0, 5)))), data)
                case "t":
                    self.put(self.tasks, data.draw(tasks(data.draw(st.integers(0, 9)))), data)
                case _:
                    drawn = reservations(data.draw(st.sampled_from("hk")), data.draw(st.integers(0, 5)))
                    self.put(self.reserved, data.draw(drawn), data)

    def put(
        self, records: dict, record: ContainerInstance | Task | DaemonServiceReservation, data: st.DataObject
    ) -> None:
        before = records.get(record.arn)
        after = None if before is not None and data.draw(st.integers(0, 3)) == 0 else record
        if data.draw(st.integers(0, 4)) == 0:  # tried, and taken back
            self.fleets.change(before, after)
            self.fleets.change(after, before)
            return
        self.fleets.change(before, after)
        records.pop(record.arn, None)
        if after is not None:
            records[record.arn] = after

    def plain(self, instances: Sequence[ContainerInstance]) -> PlainFleet:
        return PlainFleet.of(instances, list(self.tasks.values()), list(self.reserved.values()))

    def in_order_of_rows(self) -> list[ContainerInstance]:
        """The instances that are in the fleet, in the order in which dice are thrown over them."""
        fleet = self.fleets.of(CLUSTER).fleet
        return [room.instance for room in fleet.some(fleet.everyone)]


@law
@given(st.data(), needs, st.integers(0, 6), st.lists(item, max_size=3))
def test_a_fleet_places_as_if_every_instance_were_looked_at_for_every_task(
    data: st.DataObject, need: Requirements, count: int, strategy: Sequence[dict[str, str]]
) -> None:
    lived = Lived(data)
    known = {i.arn for i in lived.instances.values() if i.status is not InstanceStatus.INACTIVE}
    assert {i.arn for i in lived.in_order_of_rows()} == known
    fitting = lived.fleets.of(CLUSTER)
    considered = [room.instance for room in fitting.fleet.some(fitting.considered(need))]
    plain = lived.plain(considered)
    for _ in range(2):  # a trial leaves nothing behind
        trial = Trial(fitting)
        placed = trial.place(need, count, strategy, Random(5).randrange)
        trial.undo()
        again = PlainFleet(plain.instances, dict(plain.held), plain.reserved)
        assert [site.instance.arn for site in placed.sites] == again.place(need, count, strategy, Random(5).randrange)
    missed = {m.instance_arn for m in placed.misses}
    assert missed == ({i.arn for i in considered} if len(placed.sites) < count else set())


@law
@given(st.data(), st.sampled_from(EXPRESSIONS[:-1]))
def test_an_expression_selects_the_rows_for_which_it_holds(data: st.DataObject, text: str) -> None:
    lived = Lived(data)
    fleet = lived.fleets.of(CLUSTER).fleet
    expression = query.parsed(text)
    selected = {room.instance.arn for room in fleet.some(query.selected(expression, fleet))}
    rooms = placement.rooms(lived.instances.values(), placement.held_by(lived.tasks.values()))
    assert selected == {room.instance.arn for room in rooms if query.holds(expression, room.facts)}


@law
@given(st.data())
def test_a_fleet_that_lived_is_as_one_that_is_made_of_what_there_is(data: st.DataObject) -> None:
    lived = Lived(data)
    fleet = lived.fleets.of(CLUSTER).fleet
    there = {room.instance.arn: room for room in fleet.some(fleet.everyone)}
    rooms = lived.plain(list(lived.instances.values())).rooms()
    assert there == {room.instance.arn: room for room in rooms}
    for room in rooms:
        row = fleet.row(room.instance.arn)
        assert row is not None
        assert (fleet.cpu.at(row), fleet.memory_mib.at(row)) == (room.cpu, room.memory_mib)
        assert fleet.gpus.at(row) == len(room.gpus)
        assert {port for port, rows in fleet.ports.items() if rows >> row & 1} == room.ports
        assert {port for port, rows in fleet.ports_udp.items() if rows >> row & 1} == room.ports_udp
        assert bool(fleet.ready >> row & 1) == (placement.away(room) is None)
    assert fleet.ready | fleet.connected | fleet.everyone == fleet.everyone


def test_an_instance_registered_smaller_while_full_offers_nothing_and_comes_back_right() -> None:
    fleets, big = Fleets(), an_instance()
    fleets.change(None, big)
    fleets.change(None, a_task(cpu=900))
    small = replace(big, cpu=500)
    fleets.change(big, small)
    fitting = fleets.of(CLUSTER)
    assert fitting.fleet.cpu.at(0) == 0
    fleets.change(a_task(cpu=900), replace(a_task(cpu=900), last_status=TaskStatus.STOPPED))
    assert fitting.fleet.cpu.at(0) == 500


def test_only_a_task_that_nobody_asked_to_stop_is_in_the_way_of_a_distinct_one() -> None:
    fleets, task = Fleets(), a_task(cpu=10)
    fleets.change(None, an_instance())
    fleets.change(None, task)
    asked = replace(task, desired_status=TaskStatus.STOPPED)
    fitting, alone = fleets.of(CLUSTER), Requirements(group=task.group, distinct=True)
    assert not fitting.rows(alone)
    fleets.change(task, asked)
    assert fitting.rows(alone)
    fleets.change(asked, task)  # what was to be written was not
    assert not fitting.rows(alone)


def an_instance() -> ContainerInstance:
    return ContainerInstance(
        arn="i0", home="h", cluster_arn=CLUSTER, cpu=1000, memory_mib=1000, agent_connected=True, registered_at=NOW
    )


def a_task(cpu: int) -> Task:
    return Task(
        arn="t0", cluster_arn=CLUSTER, task_definition_arn="d", container_instance_arn="i0", cpu=cpu, created_at=NOW
    )
