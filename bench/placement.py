"""`make bench-placement`: what it costs to decide where one task goes, with a hundred thousand tasks placed already.

The floor of a placement with its transaction is the same transaction for a task that dice put somewhere. The peer of a
decision is the plain way: every instance is looked at for every task.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import report
from bench.crowd import CLUSTER, HOME, NOW, PREFIX
from bench.picture import Series, lines
from podium.ecs import starting
from podium.ecs.records import Cluster, ContainerInstance, Task, TaskDefinition, TaskStatus
from podium.ecs.scheduling import launching, placement
from podium.ecs.scheduling.choosing import Trial
from podium.ecs.scheduling.fleets import Fleets
from podium.ecs.scheduling.placement import DEFAULT_SPREAD, Requirements
from podium.runtime.dice import Dice
from podium.server.services import RECORDS, VIEWS
from podium.store.session import Store
from podium.store.sqlite import SqliteDatabase

QUICK = bool(os.environ.get("QUICK"))
SIZES = (100, 1000, 5000)
TASKS_EACH = 20
GROUPS = 200
ROUNDS, DECISIONS = (3, 300) if QUICK else (7, 1000)
PLAIN_DECISIONS = 3 if QUICK else 10
TRANSACTIONS, A_COMMIT = (1000, 100) if QUICK else (5000, 100)
GOAL, GOAL_MIXED, GOAL_GROWTH = 10_000, 3_000, 1.5

Strategy = Sequence[Mapping[str, str]]
ZONE = "attribute:ecs.availability-zone"
STRATEGIES: dict[str, Strategy] = {
    "random": [{"type": "random"}],
    "spread over instances": [{"type": "spread", "field": "instanceId"}],
    "spread over zones, then instances": DEFAULT_SPREAD,
    "spread over racks": [{"type": "spread", "field": "attribute:rack"}],
    "binpack on cpu": [{"type": "binpack", "field": "cpu"}],
    "binpack on memory": [{"type": "binpack", "field": "memory"}],
    "spread over zones, then binpack": [{"type": "spread", "field": ZONE}, {"type": "binpack", "field": "memory"}],
}
MIXED = "mixed, with constraints and ports"
CAPABILITIES = tuple(f"capability.{n}" for n in range(30))


def instance(number: int) -> ContainerInstance:
    attributes = {
        **dict.fromkeys(CAPABILITIES),
        placement.AZ: f"us-east-1{'abc'[number % 3]}",
        "ecs.cpu-architecture": "arm64" if number % 5 == 0 else "x86_64",
        "ecs.os-type": "linux",
        "ecs.instance-type": f"m7.{'large' if number % 2 else 'xlarge'}",
        "rack": f"r{number // 20}",
    }
    return ContainerInstance(
        arn=f"{PREFIX}:container-instance/crowd/{number:032x}", home=HOME, cluster_arn=CLUSTER, cpu=16_384,
        memory_mib=65_536, ports=(22, 2375, 2376, 51678, 51679), attributes=attributes, agent_connected=True,
        agent_version="1.98.0", ec2_instance_id=f"i-{number:017x}", registered_at=NOW,
    )  # fmt: skip


def needs(group: str, **more: Any) -> Requirements:
    return Requirements(
        cpu=128, memory_mib=512, attributes=frozenset(CAPABILITIES[:3]), os_type="linux", group=group, **more
    )


def mixture(dice: Random) -> list[tuple[Requirements, Strategy]]:
    """Forty kinds of tasks: sizes, ports, architectures, constraints and strategies of every sort."""
    kinds: list[dict[str, Any]] = [
        {},
        {"distinct": True},
        {"ports": frozenset({8080})},
        {"architecture": "arm64"},
        {"member_of": ("attribute:ecs.instance-type =~ m7.x.*",)},
        {"member_of": ("attribute:rack in [r0, r1, r2, r3] and not(task:group == service:s3)",)},
        {"member_of": ("runningTasksCount < 40",)},
        {"zones": frozenset({"us-east-1a", "us-east-1b"})},
    ]
    strategies = list(STRATEGIES.values())
    return [
        (needs(f"service:s{n}", **kinds[n % len(kinds)]), strategies[dice.randrange(len(strategies))])
        for n in range(40)
    ]


@dataclass
class Full:
    """A cluster in which twenty tasks run on every instance, and to which tasks come and from which they go."""

    size: int
    fleets: Fleets = field(default_factory=Fleets)
    dice: Random = field(default_factory=lambda: Random(1))
    numbers: Iterator[int] = field(default_factory=count)
    tasks: list[Task] = field(default_factory=list)
    mixed: list[tuple[Requirements, Strategy]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.instances = [instance(number) for number in range(self.size)]
        for one in self.instances:
            self.fleets.change(None, one)
        for _ in range(self.size * TASKS_EACH):
            group = f"service:s{self.dice.randrange(GROUPS)}"
            self._come(needs(group), self.instances[self.dice.randrange(self.size)].arn)
        self.mixed = mixture(Random(2))

    def decide(self, need: Requirements, strategy: Strategy) -> float:
        """Seconds that one decision takes. Its task comes, and another goes, on nobody's time."""
        began = time.perf_counter()
        placed = Trial(self.fleets.of(CLUSTER)).place(need, 1, strategy, self.dice.randrange)
        took = time.perf_counter() - began
        if placed.sites:
            self._come(need, placed.sites[0].instance.arn)
            self._go()
        return took

    def _come(self, need: Requirements, instance_arn: str) -> None:
        task = Task(
            arn=f"t{next(self.numbers)}", cluster_arn=CLUSTER, task_definition_arn="d", group=need.group,
            container_instance_arn=instance_arn, last_status=TaskStatus.RUNNING, cpu=need.cpu,
            memory_mib=need.memory_mib, ports=tuple(need.ports), created_at=NOW,
        )  # fmt: skip
        self.fleets.change(None, task)
        self.tasks.append(task)

    def _go(self) -> None:
        at = self.dice.randrange(len(self.tasks))
        self.tasks[at], self.tasks[-1] = self.tasks[-1], self.tasks[at]
        self.fleets.change(self.tasks.pop(), None)


def main() -> None:
    began = time.monotonic()
    full = []
    for size in SIZES:
        print(f"bench: filling {size:,} instances with {size * TASKS_EACH:,} tasks", flush=True)
        full.append(Full(size))
    rows = [_row(name, full) for name in (*STRATEGIES, MIXED)]
    plain = _plain(full[-1])
    print("bench: placements with their transactions", flush=True)
    whole = [_with_transaction(name) for name in ("spread over zones, then instances", "binpack on memory")]
    _print(rows, plain, whole)
    report.keep(
        "placement",
        [*rows, *whole],
        {
            "quick": QUICK,
            "tasks_each": TASKS_EACH,
            "peer": "every instance looked at for every task, at 5,000 instances",
            "peer_us": round(plain * 1e6, 1),
            "floor": "the same transaction for a task that dice put somewhere",
            "seconds": round(time.monotonic() - began, 1),
        },
    )
    _draw(rows)


def _row(name: str, full: Sequence[Full]) -> dict[str, Any]:
    """The sizes take turns, so that whatever else the machine does falls on all of them."""
    print(f"bench: {name}", flush=True)
    took: dict[int, list[float]] = {one.size: [] for one in full}
    for _ in range(ROUNDS):
        for one in full:
            kinds = one.mixed if name == MIXED else [(needs("service:s7"), STRATEGIES[name])]
            took[one.size].append(sum(one.decide(*kinds[n % len(kinds)]) for n in range(DECISIONS)) / DECISIONS)
    cost = {size: statistics.median(each) for size, each in took.items()}
    goal = GOAL_MIXED if name == MIXED else GOAL
    a_second, growth = 1 / cost[SIZES[-1]], cost[SIZES[-1]] / cost[SIZES[0]]
    return {
        "strategy": name,
        "us": {str(size): round(seconds * 1e6, 2) for size, seconds in cost.items()},
        "a_second_at_5000": round(a_second),
        "ratio_5000_to_100": round(growth, 2),
        "goal": f"{goal:,} a second at 5,000, at most {GOAL_GROWTH} times the cost at 100",
        "met": a_second >= goal and growth <= GOAL_GROWTH,
    }


def _plain(one: Full) -> float:
    """Seconds for one decision when every instance is looked at."""
    print("bench: the plain way", flush=True)
    rooms = list(one.fleets.of(CLUSTER).fleet.some(one.fleets.of(CLUSTER).fleet.everyone))
    need, took = needs("service:s7"), []
    for _ in range(PLAIN_DECISIONS):
        began = time.perf_counter()
        fitting = [room for room in rooms if placement.unfit(need, room) is None]
        min(fitting, key=lambda room: room.held.groups.get(need.group, 0))
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def _with_transaction(name: str) -> dict[str, Any]:
    """Decided and undecided placements in turn, each in transactions of its own, committed to SQLite in groups."""
    size = SIZES[-1]
    store = Store(RECORDS, VIEWS)
    definition = TaskDefinition(
        arn=f"{PREFIX}:task-definition/bench:1", home=HOME, family_arn="f", family="bench", revision=1,
        document={"family": "bench", "containerDefinitions": [
            {"name": "main", "image": "bench", "cpu": 128, "memory": 512, "essential": True}]},
        registered_at=NOW, registered_by="root",
    )  # fmt: skip
    instances = [instance(number) for number in range(size)]
    store.load([Cluster(arn=CLUSTER, home=HOME, name="crowd", created_at=NOW), definition, *instances])
    launch = launching.Launch(cluster_arn=CLUSTER, definition=definition, group="service:s7", started_by="ecs-svc/1")
    ids = Dice()

    def decided() -> None:
        tx = store.writing()
        wish = starting.Wish(launch=launch, count=1, strategy=STRATEGIES[name])
        for site, provider in starting.seats(tx, wish, ids.below).taken:
            tx.put(launching.task(launch, site, ids, NOW, provider))
        store.stage(tx)

    def undecided() -> None:
        tx = store.writing()
        site = placement.Site(instance=instances[ids.below(size)], zone="us-east-1a")
        tx.put(launching.task(launch, site, ids, NOW))
        store.stage(tx)

    with tempfile.TemporaryDirectory(prefix="podium-bench-") as folder:
        database = SqliteDatabase(Path(folder) / "bench.db")
        database.prepare(RECORDS)
        epoch = database.take_over()

        def run(place: Callable[[], None]) -> float:
            began = time.perf_counter()
            for _ in range(TRANSACTIONS // A_COMMIT):
                for _ in range(A_COMMIT):
                    place()
                group = store.seal()
                assert group is not None
                database.commit(group.changes, epoch)
                store.landed(group)
            return (time.perf_counter() - began) / TRANSACTIONS

        took, floor = [], []
        for _ in range(2 if QUICK else 3):
            floor.append(run(undecided))
            took.append(run(decided))
        database.close()
    ours, least = statistics.median(took), statistics.median(floor)
    return {
        "strategy": f"{name}, with its transaction, {A_COMMIT} to a commit",
        "us": {str(size): round(ours * 1e6, 1)},
        "floor_us": round(least * 1e6, 1),
        "a_second_at_5000": round(1 / ours),
        "ratio_to_floor": round(ours / least, 2),
    }


def _print(rows: Sequence[Mapping[str, Any]], plain: float, whole: Sequence[Mapping[str, Any]]) -> None:
    table = Table(title="bench-placement: microseconds for one decision, twenty tasks on every instance")
    table.add_column("strategy")
    for heading in (*(f"{size:,}" for size in SIZES), "a second at 5,000", "5,000 : 100", "× plain", "met"):
        table.add_column(heading, justify="right")
    for row in rows:
        costs = [f"{row['us'][str(size)]:.1f}" for size in SIZES]
        ratio = f"{plain * 1e6 / row['us'][str(SIZES[-1])]:,.0f}"
        met = "yes" if row["met"] else "no"
        table.add_row(
            row["strategy"], *costs, f"{row['a_second_at_5000']:,}", f"{row['ratio_5000_to_100']:.2f}", ratio, met
        )
    console = Console(width=130)
    console.print(table)
    console.print(f"Every instance looked at for every task, at 5,000: {plain * 1e6:,.0f} µs.")
    for row in whole:
        [cost] = row["us"].values()
        console.print(
            f"{row['strategy']}: {cost:.0f} µs, {row['a_second_at_5000']:,} a second; "
            f"{row['ratio_to_floor']:.2f} times the same without deciding."
        )


def _draw(rows: Sequence[Mapping[str, Any]]) -> None:
    series = [Series(row["strategy"], [(size, row["us"][str(size)]) for size in SIZES]) for row in rows]
    picture = lines("Cost of one placement, 20 tasks on every instance", "container instances", "µs", series)
    (report.HERE / "bench" / "results" / "placement.svg").write_text(picture)


if __name__ == "__main__":
    main()
