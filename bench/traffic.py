"""`make bench-traffic`: what a load balancer costs, and how soon it does what it is told.

How to read it. Requests are asked for by wrk, over connections that are kept, of one thread of Envoy as Podium tells it
(the real proxy, with a control plane that pretends). The floor is an Envoy of the same binary and threads with a
configuration by hand that does nothing but forward; HAProxy and the backend itself, an nginx, stand beside it. All
take turns, and the ratio is the median of pairs of the same round. wrk, the backend and the proxy share the machine's
cores: fewer of them than programs make all figures smaller, the ratio less so.

Changes are of targets (four of five) and of a rule's weights (one of five), a hundred a second among many load
balancers on one port, each with ten targets that are checked all the time. A change is timed from the document to
`Applied`, which is said once Envoy has acknowledged it; the control plane's own work is not in it. The first few
seconds are not counted. A first request is timed from the health check that a new target passed.

A roll is UpdateService of ten tasks behind a load balancer until its deployment is COMPLETED, with clients that ask all
the time. Swarm does the same, all ten at once, start-first, with a health check of the container as its readiness.
Where its port is published by its mesh, the same clients ask there; without the kernel's ip_vs there is none.
"""

import asyncio
import os
from dataclasses import dataclass
from statistics import median
from typing import Any

from demo import image
from rich.console import Console
from rich.table import Table

from bench import changes, firsts, rates, report, rolls, wires
from bench.engine import IMAGE

QUICK = bool(os.environ.get("QUICK"))
ROUNDS, ROUND_SECONDS = (3, 2.0) if QUICK else (9, 5.0)
BALANCERS, CHANGE_SECONDS = (100, 5.0) if QUICK else (1000, 20.0)
FIRSTS = 5 if QUICK else 25
ROLLS = 1 if QUICK else 5


@dataclass(frozen=True)
class Row:
    """`ours` beside `floor` or `peer`, medians of this run; `goal` in words."""

    figure: str
    unit: str
    ours: float
    floor: float | None = None
    peer: float | None = None
    ratio: float | None = None
    goal: str | None = None
    met: bool | None = None

    def as_json(self) -> dict[str, Any]:
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in vars(self).items()}


def main() -> None:
    wires.install()
    image.load(IMAGE)
    rows = [*_rates(), *_changes(), *_firsts(), *_rolls()]
    _print(rows)
    report.keep("traffic", [row.as_json() for row in rows], {
        "quick": QUICK, "floor": "a static Envoy", "peer": "HAProxy, Docker Swarm", "rounds": ROUNDS,
        "load": round(os.getloadavg()[0], 2),
    })  # fmt: skip


def _rates() -> list[Row]:
    found = rates.measure(ROUNDS, ROUND_SECONDS)
    per_second = {name: median(rate.per_second for rate in told) for name, told in found.items()}
    p99 = {name: median(rate.p99_seconds for rate in told) * 1000 for name, told in found.items()}
    pairs = zip(found["podium"], found["envoy"], strict=True)
    ratio = median(ours.per_second / floor.per_second for ours, floor in pairs)
    return [
        Row("requests a second", "1/s", per_second["podium"], per_second["envoy"], per_second["haproxy"], ratio,
            "≥ 0.95 × static Envoy", ratio >= 0.95),
        Row("requests a second, to the backend itself", "1/s", per_second["backend"]),
        Row("a request's p99", "ms", p99["podium"], p99["envoy"], p99["haproxy"], p99["podium"] / p99["envoy"]),
    ]  # fmt: skip


def _changes() -> list[Row]:
    with wires.nginx(1) as backend:
        found = changes.measure(BALANCERS, CHANGE_SECONDS, backend)
    among = f"among {BALANCERS} load balancers"
    p99 = found.percentile(0.99)
    return [
        Row(f"a change {among}, p50", "s", found.percentile(0.5)),
        Row(f"a change {among}, p99", "s", p99, goal="≤ 0.2 s", met=p99 <= 0.2),
        Row(f"{BALANCERS} load balancers told at once", "s", found.whole),
        Row(f"Envoy's memory with {BALANCERS} load balancers", "MiB", found.envoy_mib),
        Row(f"the proxy's memory with {BALANCERS} load balancers", "MiB", found.proxy_mib),
    ]


def _firsts() -> list[Row]:
    print("bench: first requests", flush=True)
    slowest = max(firsts.measure(FIRSTS))
    return [Row("a check passed to the first request, slowest", "s", slowest, goal="≤ 0.2 s", met=slowest <= 0.2)]


def _rolls() -> list[Row]:
    print(f"bench: {rolls.TASKS} tasks roll behind a load balancer", flush=True)
    ours = rolls.podium(ROLLS)
    print(f"bench: {rolls.TASKS} tasks roll in Swarm", flush=True)
    peer = asyncio.run(rolls.peer(ROLLS))
    took, theirs = median(ours.seconds), median(peer.seconds)
    failed = None if peer.failed is None else float(peer.failed)
    return [
        Row(f"UpdateService of {rolls.TASKS} tasks to COMPLETED", "s", took, peer=theirs, ratio=took / theirs),
        Row(f"failed requests, of {ours.asked}", "", float(ours.failed or 0), peer=failed, goal="0",
            met=ours.failed == 0),
    ]  # fmt: skip


def _print(rows: list[Row]) -> None:
    table = Table(title="bench-traffic, medians", title_justify="left")
    for heading in ("figure", "unit", "Podium", "floor", "peer", "ratio", "goal", "met"):
        table.add_column(heading, justify="left" if heading in ("figure", "unit", "goal") else "right")
    for row in rows:
        met = {True: "yes", False: "no", None: ""}[row.met]
        floor, peer = ("" if value is None else f"{value:.3f}" for value in (row.floor, row.peer))
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        table.add_row(row.figure, row.unit, f"{row.ours:.3f}", floor, peer, ratio, row.goal or "", met)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
