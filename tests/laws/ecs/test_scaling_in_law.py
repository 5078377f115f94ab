"""The quick order in which tasks are let go is the plain one: look at all that are left, and take the first."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from laws.ecs.ecs_strategies import fleets, law
from podium.ecs.records import Task
from podium.ecs.scheduling import orders, scaling_in, shares
from podium.ecs.scheduling.placement import DEFAULT_SPREAD
from podium.store.records import replace

FREE = {"i1": 100, "i2": 300, "i3": 300, "i4": 0}
RACKS = {"i1": "r1", "i2": "r1", "i3": "r2", "i4": None}
INSTANCES = orders.Instances(attribute=lambda arn, name: RACKS[arn or ""], free=lambda arn, resource: FREE[arn or ""])
spreads = st.sampled_from(["instanceId", "attribute:ecs.availability-zone", "attribute:rack"]).map(
    lambda field: {"type": "spread", "field": field}
)
packs = st.sampled_from(["cpu", "memory"]).map(lambda field: {"type": "binpack", "field": field})
items = st.one_of(spreads, packs, st.just({"type": "random"}))
strategies = st.one_of(
    st.lists(items, max_size=3), packs.map(lambda item: [DEFAULT_SPREAD[0], item]), packs.map(lambda item: [item])
)
A_TO_B = [{"capacityProvider": "a", "weight": 1, "base": 1}, {"capacityProvider": "b", "weight": 3, "base": 0}]


@st.composite
def crowds(draw: st.DrawFn) -> list[Task]:
    """Tasks that all reserve the same, on instances and of capacity providers."""
    owned = draw(st.booleans())
    return [
        replace(t, cpu=64, memory_mib=32, capacity_provider=draw(st.sampled_from("ab")) if owned else None)
        for t in draw(fleets())
    ]


Level = tuple[Callable[[Task], Hashable], Callable[[str, int, int], int] | None]
"""A bucket, and its weight by its name, how many tasks it had and how many it has; None for how many it has."""

BUCKETS: dict[str, Callable[[Task], Hashable]] = {
    "instanceId": lambda t: t.container_instance_arn,
    "attribute:ecs.availability-zone": lambda t: t.availability_zone,
    "attribute:rack": lambda t: RACKS[t.container_instance_arn or ""],
}


def plainly(tasks: Sequence[Task], well: set[str], levels: Sequence[Level]) -> list[str]:
    """One after the other, each time the first of all that are left."""
    left, gone = list(tasks), list[str]()
    while left:
        first = min(left, key=lambda t: (_tier(t, well), _wishes(t, tasks, left, levels), t.created_at, t.arn))
        left.remove(first)
        gone.append(first.arn)
    return gone


def _wishes(task: Task, had: Sequence[Task], has: Sequence[Task], levels: Sequence[Level]) -> list[tuple[int, str]]:
    found = []
    for bucket, weight in levels:
        had, has = ([t for t in tasks if bucket(t) == bucket(task)] for tasks in (had, has))
        name = str(bucket(task))
        found.append((-weight(name, len(had), len(has)), name) if weight else (-len(has), ""))
    return found


def _levels(strategy: Sequence[dict[str, str]], owned: bool, desired: int) -> list[Level]:
    found: list[Level] = []
    if owned:
        target = Counter(shares.providers(A_TO_B, {}, desired))
        found.append((lambda t: t.capacity_provider, lambda name, had, has: has - target[name]))
    for item in strategy or DEFAULT_SPREAD:
        if item["type"] == "random":
            break
        if item["type"] == "binpack":
            size = 64 if item["field"] == "cpu" else 32
            found.append((BUCKETS["instanceId"], _left_over(size)))
        else:
            found.append((BUCKETS[item["field"]], None))
    return found


def _left_over(size: int) -> Callable[[str, int, int], int]:
    return lambda name, had, has: FREE[name] + size * (had - has)


def _tier(task: Task, well: set[str]) -> int:
    return next(n for n, tier in enumerate(scaling_in.tiers([task], well)) if tier)


@law
@given(crowds(), strategies, st.integers(0, 16), st.sets(st.integers(0, 16).map("t{}".format)))
def test_the_quick_order_is_the_plain_one(
    tasks: list[Task], strategy: list[dict[str, str]], desired: int, well: set[str]
) -> None:
    owned = any(t.capacity_provider for t in tasks)
    order = orders.order(strategy, A_TO_B if owned else [], desired, False, INSTANCES)
    quick = scaling_in.least_useful_first(scaling_in.tiers(tasks, well), tasks, order)
    assert [t.arn for t in quick] == plainly(tasks, well, _levels(strategy, owned, desired))


@law
@given(crowds(), strategies)
def test_a_strategy_is_kept_to_when_only_some_are_asked_for(tasks: list[Task], strategy: list[dict[str, str]]) -> None:
    order = orders.order(strategy, [], 0, False, INSTANCES)
    whole = list(scaling_in.least_useful_first([tasks], tasks, order))
    for some in range(len(tasks)):
        assert list(islice(scaling_in.least_useful_first([tasks], tasks, order), some)) == whole[:some]
