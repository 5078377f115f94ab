"""How good placements are, beside the best that there could be: worked out by trying everything, on small cases."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from random import Random

from amounts import examples
from laws.ecs.ecs_strategies import CLUSTER, NOW
from podium.ecs.records import ContainerInstance, Task, TaskStatus
from podium.ecs.scheduling.choosing import Trial
from podium.ecs.scheduling.fleets import Fleets
from podium.ecs.scheduling.placement import DEFAULT_SPREAD, Requirements

CASES = examples(150)
SIZES = (256, 512, 768, 1024, 1536)
HOST = 2048
Sizes = tuple[int, ...]


def hosts(number: int, cpu: int = HOST, zones: Sequence[str] = ("a",)) -> Fleets:
    fleets = Fleets()
    for n in range(number):
        fleets.change(
            None,
            ContainerInstance(
                arn=f"i{n}", home="h", cluster_arn=CLUSTER, cpu=cpu, memory_mib=1 << 20, agent_connected=True,
                attributes={"ecs.availability-zone": zones[n % len(zones)]}, registered_at=NOW,
            ),
        )  # fmt: skip
    return fleets


def placed(fleets: Fleets, needs: Requirements, strategy: Sequence[dict[str, str]], dice: Random, number: int) -> str:
    """The instance that one task went to; it is there from now on."""
    [site] = Trial(fleets.of(CLUSTER)).place(needs, 1, strategy, dice.randrange).sites
    task = Task(
        arn=f"t{number}", cluster_arn=CLUSTER, task_definition_arn="d", container_instance_arn=site.instance.arn,
        last_status=TaskStatus.RUNNING, cpu=needs.cpu, group=needs.group, created_at=NOW,
    )  # fmt: skip
    fleets.change(None, task)
    return site.instance.arn


@cache
def fewest(left: Sizes, sizes: Sizes) -> int:
    """How many hosts the tasks need at least, besides those that are open with so much `left`, by trying everything."""
    if not sizes:
        return 0
    first, *rest = sizes
    best = 1 + fewest(tuple(sorted((*left, HOST - first))), tuple(rest))
    for n, room in enumerate(left):
        if room >= first:
            others = tuple(sorted((*left[:n], room - first, *left[n + 1 :])))
            best = min(best, fewest(others, tuple(rest)))
    return best


def test_binpack_opens_at_most_three_percent_more_hosts_than_the_best_packing_of_all() -> None:
    ours = best = 0
    for seed in range(CASES):
        dice = Random(seed)
        sizes = [dice.choice(SIZES) for _ in range(dice.randrange(3, 9))]
        fleets = hosts(len(sizes))
        landed = {
            placed(fleets, Requirements(cpu=cpu, group="g"), [{"type": "binpack", "field": "cpu"}], dice, n)
            for n, cpu in enumerate(sizes)
        }
        ours += len(landed)
        best += fewest((), tuple(sorted(sizes, reverse=True)))
    assert ours <= best * 1.03, f"{ours} hosts where {best} would do"


def test_spread_stays_within_one_of_even_while_tasks_come_and_instances_differ() -> None:
    for seed in range(CASES):
        dice = Random(seed)
        zones = [f"z{n}" for n in range(dice.randrange(1, 5))]
        fleets = hosts(dice.randrange(len(zones), 12), cpu=1 << 20, zones=zones)
        counts = Counter(dict.fromkeys(zones, 0))
        fleet = fleets.of(CLUSTER).fleet
        zone_of = {room.instance.arn: room.zone for room in fleet.some(fleet.everyone)}
        for n in range(dice.randrange(1, 40)):
            counts[zone_of[placed(fleets, Requirements(cpu=1, group="g"), DEFAULT_SPREAD, dice, n)]] += 1
            assert max(counts.values()) - min(counts.values()) <= 1
