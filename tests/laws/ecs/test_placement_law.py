"""What holds for every placement: nobody is promised what is not there, and strategies keep their word."""

from collections import Counter
from collections.abc import Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from laws.ecs.ecs_strategies import CLUSTER, NOW, instances, law
from podium.ecs.records import ContainerInstance, InstanceStatus, Task, TaskStatus
from podium.ecs.scheduling import misses, placement
from podium.ecs.scheduling.choosing import Placement, Trial
from podium.ecs.scheduling.fleets import Fleets
from podium.ecs.scheduling.placement import DEFAULT_SPREAD, Requirements

fleets = st.integers(0, 6).flatmap(lambda size: st.tuples(*(instances(n) for n in range(size)))).map(list)
roomy = st.integers(1, 6).flatmap(lambda size: st.tuples(*(instances(n, roomy=True) for n in range(size)))).map(list)
needs = st.builds(
    Requirements,
    cpu=st.integers(0, 2048),
    memory_mib=st.integers(0, 2048),
    ports=st.frozensets(st.sampled_from([22, 80, 443]), max_size=2),
    ports_udp=st.frozensets(st.sampled_from([53]), max_size=1),
    attributes=st.frozensets(st.sampled_from(["capability"])),
    group=st.just("g"),
    distinct=st.booleans(),
)
strategies = st.lists(
    st.sampled_from(
        [
            {"type": "random"},
            {"type": "spread", "field": "attribute:ecs.availability-zone"},
            {"type": "spread", "field": "attribute:nowhere"},
            {"type": "spread", "field": "instanceId"},
            {"type": "binpack", "field": "cpu"},
            {"type": "binpack", "field": "memory"},
        ]
    ),
    max_size=3,
)


def place(
    need: Requirements, count: int, fleet: Sequence[ContainerInstance], strategy: Sequence[dict[str, str]]
) -> Placement:
    fleets = Fleets()
    for instance in fleet:
        fleets.change(None, instance)
    return Trial(fleets.of(CLUSTER)).place(need, count, strategy, Random(3).randrange)


def landed(placed: Placement) -> Counter[str]:
    return Counter(site.instance.arn for site in placed.sites)


@law
@given(needs, st.integers(1, 12), fleets, strategies)
def test_no_instance_is_promised_more_than_it_has(
    need: Requirements, count: int, fleet: list[ContainerInstance], strategy: list[dict[str, str]]
) -> None:
    placed = place(need, count, fleet, strategy)
    known = {i.arn: i for i in fleet}
    for arn, tasks in landed(placed).items():
        instance = known[arn]
        assert instance.status is InstanceStatus.ACTIVE
        assert instance.agent_connected
        assert need.cpu * tasks <= instance.cpu
        assert need.memory_mib * tasks <= instance.memory_mib
        assert need.attributes <= instance.attributes.keys()
        assert not need.ports & set(instance.ports)
        assert tasks == 1 or not (need.ports or need.ports_udp or need.distinct)


@law
@given(needs, st.integers(1, 12), fleets, strategies)
def test_a_task_is_left_out_only_when_no_instance_has_room_and_each_says_why(
    need: Requirements, count: int, fleet: list[ContainerInstance], strategy: list[dict[str, str]]
) -> None:
    placed = place(need, count, fleet, strategy)
    missed = [m.instance_arn for m in placed.misses]
    considered = [i.arn for i in fleet if i.status is not InstanceStatus.INACTIVE]
    if len(placed.sites) < count:
        assert missed == considered
        assert all(m.reason for m in placed.misses)
    else:
        assert missed == []


@law
@given(st.integers(1, 30), roomy)
def test_the_default_spread_keeps_zones_and_then_instances_within_one(
    count: int, fleet: list[ContainerInstance]
) -> None:
    counts = landed(place(Requirements(cpu=1, group="g"), count, fleet, DEFAULT_SPREAD))
    zone_of = {i.arn: i.attributes["ecs.availability-zone"] for i in fleet}
    zones = Counter(dict.fromkeys(zone_of.values(), 0))
    for arn, tasks in counts.items():
        zones[zone_of[arn]] += tasks
    assert sum(zones.values()) == count
    assert max(zones.values()) - min(zones.values()) <= 1
    for zone in zones:
        inside = [counts[arn] for arn in zone_of if zone_of[arn] == zone]
        assert max(inside) - min(inside) <= 1


@law
@given(st.integers(1, 30), roomy)
def test_spread_over_instances_keeps_them_within_one(count: int, fleet: list[ContainerInstance]) -> None:
    counts = landed(place(Requirements(group="g"), count, fleet, [{"type": "spread", "field": "instanceId"}]))
    tasks = [counts[i.arn] for i in fleet]
    assert max(tasks) - min(tasks) <= 1


@law
@given(st.integers(1, 20), fleets, st.sampled_from(["cpu", "memory"]))
def test_binpack_opens_another_instance_only_when_no_open_one_has_room(
    count: int, fleet: list[ContainerInstance], field: str
) -> None:
    need = Requirements(cpu=300, memory_mib=300, group="g")
    placed = place(need, count, fleet, [{"type": "binpack", "field": field}])
    left = {i.arn: (i.cpu, i.memory_mib) for i in fleet}
    opened: set[str] = set()
    for site in placed.sites:
        arn = site.instance.arn
        if arn not in opened:
            fitting = [o for o in opened if left[o][0] >= need.cpu and left[o][1] >= need.memory_mib]
            index = 0 if field == "cpu" else 1
            assert all(left[o][index] >= left[arn][index] for o in fitting)
        opened.add(arn)
        left[arn] = (left[arn][0] - need.cpu, left[arn][1] - need.memory_mib)


def held(number: int, instance: str, status: TaskStatus, cpu: int, memory: int) -> Task:
    return Task(
        arn=f"t{number}",
        cluster_arn=CLUSTER,
        task_definition_arn="d",
        container_instance_arn=instance,
        last_status=status,
        cpu=cpu,
        memory_mib=memory,
        ports=(8000 + number,),
        group="g",
        created_at=NOW,
    )


@law
@given(
    fleets,
    st.lists(
        st.tuples(st.integers(0, 6), st.sampled_from(TaskStatus), st.integers(0, 3000), st.integers(0, 3000)),
        max_size=8,
    ),
)
def test_every_task_that_has_not_stopped_holds_its_whole_reservation(
    fleet: list[ContainerInstance], tasks: list[tuple[int, TaskStatus, int, int]]
) -> None:
    there = [held(n, f"i{at}", status, cpu, memory) for n, (at, status, cpu, memory) in enumerate(tasks)]
    for room in placement.rooms(fleet, placement.held_by(there)):
        mine = [
            t
            for t in there
            if t.container_instance_arn == room.instance.arn and t.last_status is not TaskStatus.STOPPED
        ]
        assert room.cpu == max(0, room.instance.cpu - sum(t.cpu for t in mine))
        assert room.memory_mib == max(0, room.instance.memory_mib - sum(t.memory_mib for t in mine))
        assert room.ports == {*room.instance.ports, *(p for t in mine for p in t.ports)}
        assert room.held.groups.get("g", 0) == len(mine)


@law
@given(needs, st.integers(1, 6), fleets, strategies)
def test_the_same_dice_give_the_same_placement(
    need: Requirements, count: int, fleet: list[ContainerInstance], strategy: list[dict[str, str]]
) -> None:
    one, other = (place(need, count, fleet, strategy) for _ in range(2))
    assert [r.instance.arn for r in one.sites] == [r.instance.arn for r in other.sites]
    assert one.misses == other.misses


@law
@given(needs, fleets)
def test_the_closest_match_meets_all_that_others_failed_at_before_it(
    need: Requirements, fleet: list[ContainerInstance]
) -> None:
    rooms = {room.instance.arn: room for room in placement.rooms(fleet, placement.held_by([]))}
    found = place(need, 1, fleet, []).misses
    if found:
        closest = rooms[misses.closest(found).instance_arn]
        reached = max(placement.IN_ORDER.index(miss.reason) for miss in found)
        steps = (placement.away, lambda room: placement.short(need, room), lambda room: placement.unsuited(need, room))
        reasons = [reason for reason in (step(closest) for step in steps) if reason]
        assert placement.IN_ORDER.index(reasons[0]) == reached
