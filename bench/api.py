"""`make bench-api`: what an API call costs, beside two emulators in the same run.

Podium verifies every signature, evaluates a user's policies and answers writes once they are on the disk. moto and
MiniStack do none of that. The client keeps its connections and signs beforehand, so that it is not what is measured.
"""

import os
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import report
from bench.raw import Measured, measure
from bench.servers import CONTAINER, SERVICES, Floor, MiniStack, Moto, Podium, Server

QUICK = bool(os.environ.get("QUICK"))
SECONDS = 1.0 if QUICK else 4.0
ROUNDS = 1 if QUICK else 3
MOST_TASKS = 400  # RunTask and RegisterTaskDefinition leave something behind: everyone makes as many
LINES = (1, 16)
TIMES_MOTO = 10.0
BOUND = (
    "Reads are bound by one Python interpreter: verifying the signature, evaluating policies, making the answer and "
    "writing it take 0.2 to 0.5 ms of its time. Writes wait for one fsync and two changes of thread besides, and "
    "RunTask for the agents' messages that follow from it."
)
WISHES = {("DescribeServices", 1): "1,000 a second, p50 within 1 ms"}

CALLS: dict[str, Callable[[Server, str], dict[str, Any]]] = {
    "DescribeServices": lambda server, task: {
        "cluster": "bench",
        "services": [f"service-{number}" for number in range(SERVICES)],
    },
    "DescribeTasks": lambda server, task: {"cluster": "bench", "tasks": [task]},
    "ListTasks": lambda server, task: {"cluster": "bench"},
    "RegisterTaskDefinition": lambda server, task: {"family": "made", "containerDefinitions": [CONTAINER]},
    "RunTask": lambda server, task: {"cluster": "bench", "taskDefinition": "bench"},
}
WRITES = ("RegisterTaskDefinition", "RunTask")


def main() -> None:
    began = time.monotonic()
    servers: list[Server] = []
    try:
        for kind in (Podium, Moto, MiniStack, Floor):
            print(f"bench: starting {kind.name}")
            servers.append(kind())
        tasks = {server.name: server.describe_task() for server in servers if server.name != Floor.name}
        rows = [_row(call, lines, servers, tasks) for call in CALLS for lines in LINES]
        podium = servers[0]
        assert isinstance(podium, Podium)
        lines = [
            {"figure": "ready to answer", "podium_seconds": round(podium.ready_seconds, 3), "goal": "within 1 s",
             "met": podium.ready_seconds <= 1.0},
            {"figure": "resident after one call each to ECS, IAM and STS", "podium_mib": round(podium.idle_mib, 1),
             "goal": "within 80 MiB", "met": podium.idle_mib <= 80},
        ]  # fmt: skip
    finally:
        for server in servers:
            server.close()
    _print(rows, lines)
    report.keep("api", [*rows, *lines], {"quick": QUICK, "seconds": round(time.monotonic() - began, 1), "bound": BOUND})


def _row(call: str, lines: int, servers: list[Server], tasks: dict[str, str]) -> dict[str, Any]:
    """Each server in turn, several rounds; of each the round with the median rate."""
    print(f"bench: {call}, {lines} at once")
    found: dict[str, list[Measured]] = {server.name: [] for server in servers}
    most = MOST_TASKS // ROUNDS if call in WRITES else None
    for _ in range(ROUNDS):
        for server in servers:
            message = _message(server, call, servers[0], tasks)
            found[server.name].append(measure(server.address, [message], SECONDS, lines, most))
    middle = {name: sorted(took, key=lambda m: m.per_second)[len(took) // 2] for name, took in found.items()}
    ours, moto = middle["Podium"], middle["moto"]
    assert all(took.failed == 0 for took in found["Podium"]), f"Podium failed at {call}"
    ratio = ours.per_second / moto.per_second
    met = ratio >= TIMES_MOTO
    if (call, lines) in WISHES:
        met = met and ours.per_second >= 1000 and ours.p50_ms <= 1.0
    wish = "; ".join(filter(None, (f"{TIMES_MOTO:.0f} × moto", WISHES.get((call, lines)))))
    return {
        "call": call,
        "at_once": lines,
        **{name.lower(): took.as_json() for name, took in middle.items()},
        "ratio_to_floor": round(ours.per_second / middle["floor"].per_second, 2),
        "ratio_to_moto": round(ratio, 1),
        "ratio_to_ministack": round(ours.per_second / middle["MiniStack"].per_second, 1),
        "goal": wish,
        "met": met,
    }


def _message(server: Server, call: str, podium: Server, tasks: dict[str, str]) -> bytes:
    if isinstance(server, Floor):
        alike = podium.request(call, CALLS[call](podium, tasks[podium.name]))
        return server.message(podium.size(alike), call in WRITES)
    return server.request(call, CALLS[call](server, tasks[server.name]))


def _print(rows: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    table = Table(title="bench-api: calls a second (p50 / p99 in ms)", title_justify="left")
    for heading in ("call", "at once", "Podium", "moto", "MiniStack", "floor", "× moto", "× MiniStack", "met"):
        table.add_column(heading, justify="left" if heading == "call" else "right")
    for row in rows:
        cells = (_cell(row[name]) for name in ("podium", "moto", "ministack", "floor"))
        ratios = (str(row["ratio_to_moto"]), str(row["ratio_to_ministack"]))
        table.add_row(row["call"], str(row["at_once"]), *cells, *ratios, "yes" if row["met"] else "no")
    console = Console(width=150)
    console.print(table)
    console.print(BOUND)
    for line in lines:
        value = line.get("podium_seconds", line.get("podium_mib"))
        console.print(f"{line['figure']}: {value} ({line['goal']}: {'met' if line['met'] else 'not met'})")


def _cell(took: dict[str, float]) -> str:
    failed = f", {took['failed']:.0f} failed" if took["failed"] else ""
    return f"{took['per_second']:,.0f} ({took['p50_ms']:.2f} / {took['p99_ms']:.1f}){failed}"


if __name__ == "__main__":
    main()
