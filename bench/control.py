"""`make bench-control`: the control plane with a thousand agents attached, and with a hundred thousand tasks.

The agents are bench/hosts.py, on the real protocol and in a process of their own; the server is `podium server` on
SQLite, durable. The floor is the same HTTP server that answers and commits as many reports without a thought.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import crowd, raw, report
from bench.picture import bars
from bench.process import cpu_seconds, resident_mib
from bench.servers import Floor
from bench.whereabouts import Watch

QUICK = bool(os.environ.get("QUICK"))
HOSTS = 200 if QUICK else 1000
RUN, SERVE = (2_000, 2_000) if QUICK else (20_000, 20_000)
PER_SERVICE = 2_000
SAMPLED_HOSTS, SAMPLED, SAMPLED_SECONDS = 200, 3_000, 4
CROWD = 100_000
CALLERS = 8
GOAL, LEAST = 1_500, 500
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join((str(report.HERE), str(report.HERE / "src")))}
CONTAINER = {"name": "main", "image": "bench", "cpu": 64, "memory": 64, "essential": True}
BOTTLENECK = (
    "One interpreter does everything but the disk, and nothing in it is large any more: a task is born in a call, told "
    "to its agent and told of by it, and each of its steps is an event and an entry. The next step is a second process "
    "for the doors, which reads, verifies and writes what goes over the wire."
)


class Server:
    """`podium server` in a data dir of its own; it can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, 0
        self.took = self.start()

    def start(self) -> float:
        """Seconds until the first answer."""
        note = self.folder / "run" / "server.json"
        note.unlink(missing_ok=True)
        began = time.perf_counter()
        words = ["--data-dir", str(self.folder), "--port", str(self.port), "--limits", "none"]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "podium.server", *words], stdout=log, stderr=log, env=ENVIRONMENT
            )
        raw.until(note.exists, "the server's start", 120)
        self.host = json.loads(note.read_text())["url"].removeprefix("http://")
        self.port = int(self.host.rpartition(":")[2])
        keys = json.loads((self.folder / "credentials.json").read_text())
        self.key = keys["root"]["accessKeyId"], keys["root"]["secretAccessKey"]
        self.joining = keys["agent"]
        self.ask("ListClusters", {})
        return time.perf_counter() - began

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def message(self, operation: str, members: dict[str, Any]) -> bytes:
        return raw.request(self.host, self.key, operation, members)

    def ask(self, operation: str, members: dict[str, Any]) -> dict[str, Any]:
        return raw.ask(self.address, self.message(operation, members))


class Agents:
    """bench/hosts.py, as its parent sees it."""

    def __init__(self, server: Server, count: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.hosts", server.host, "bench", str(count)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT,
        )  # fmt: skip
        self.tell(**server.joining)
        self.until("joined")
        self.until("verified")

    def tell(self, **command: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def until(self, event: str) -> float:
        """When it happened, in seconds since the epoch."""
        assert self.process.stdout is not None
        while line := self.process.stdout.readline():
            told = json.loads(line)
            if told["event"] == event:
                return float(told["at"])
        raise AssertionError(f"the agents ended before they had {event}")

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


class Prober:
    """Asks every 20 ms, on one connection, what users ask, and notes how long each answer took."""

    def __init__(self, server: Server, cluster: str) -> None:
        asked = (("DescribeClusters", {"clusters": [cluster]}), ("ListTasks", {"cluster": cluster}),
                 ("ListServices", {"cluster": cluster}))  # fmt: skip
        self._messages = [server.message(*one) for one in asked]  # type: ignore[arg-type]
        self._server, self._over = server, threading.Event()
        self.took: list[float] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        number = 0
        while not self._over.wait(0.02):
            began = time.perf_counter()
            raw.ask(self._server.address, self._messages[number % len(self._messages)])
            self.took.append(time.perf_counter() - began)
            number += 1

    def stop(self) -> tuple[float, float]:
        """The 99th percentile and the longest, in milliseconds."""
        self._over.set()
        self._thread.join()
        took = sorted(self.took)
        return took[min(len(took) - 1, int(len(took) * 0.99))] * 1000, took[-1] * 1000


@contextmanager
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="podium-bench-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def main() -> None:
    began = time.monotonic()
    floor = _floor()
    rows: list[dict[str, Any]] = []
    with folder() as place:
        server = Server(place)
        try:
            rows += _attached(server)
        finally:
            server.close()
    with folder() as place:
        rows += _crowded(place)
    shares = _where_time_goes()
    for row in rows:
        if "a_second" in row:
            row |= {"floor_a_second": round(floor), "ratio_to_floor": round(row["a_second"] / floor, 2)}
    _print(rows, floor, shares)
    extra = {
        "quick": QUICK,
        "hosts": HOSTS,
        "seconds": round(time.monotonic() - began, 1),
        "floor": "as many reports answered and committed by the same HTTP server",
        "bottleneck": BOTTLENECK,
        "time_percent": shares,
    }
    report.keep("control", rows, extra)
    rates = [(row["figure"], row["a_second"]) for row in rows if "a_second" in row]
    rates += [("floor: bare reports, committed", floor), ("Nomad, three servers (published)", 1_500.0)]
    picture = bars(f"Tasks to RUNNING, {HOSTS:,} agents attached", "a second", rates)
    (report.HERE / "bench" / "results" / "control.svg").write_text(picture)
    picture = bars("Where the server's time goes, from RunTask to RUNNING", "%", list(shares.items()))
    (report.HERE / "bench" / "results" / "control-time.svg").write_text(picture)


def _floor() -> float:
    print("bench: the floor", flush=True)
    server = Floor()
    try:
        return raw.measure(server.address, [server.message(300, True)], 2.0 if QUICK else 5.0, 64).per_second
    finally:
        server.close()


def _where_time_goes() -> dict[str, float]:
    """A run of its own, with fewer tasks: being looked at takes time, too."""
    print("bench: where the time goes", flush=True)
    with folder() as place:
        server = Server(place)
        try:
            server.ask("CreateCluster", {"clusterName": "bench"})
            server.ask("RegisterTaskDefinition", {"family": "bench", "containerDefinitions": [CONTAINER]})
            agents = Agents(server, SAMPLED_HOSTS)
            try:
                watch = Watch(server.process.pid, SAMPLED_SECONDS, place / "looks.txt")
                _run_tasks(server, agents, SAMPLED)
                return watch.percent()
            finally:
                agents.close()
        finally:
            server.close()


def _attached(server: Server) -> list[dict[str, Any]]:
    server.ask("CreateCluster", {"clusterName": "bench"})
    server.ask("RegisterTaskDefinition", {"family": "bench", "containerDefinitions": [CONTAINER]})
    print(f"bench: {HOSTS:,} agents join", flush=True)
    agents = Agents(server, HOSTS)
    try:
        rows = [_run_tasks(server, agents, RUN), _services(server, agents), _killed(server, agents)]
        rows.append({"figure": f"resident with {HOSTS:,} agents", "mib": round(resident_mib(server.process.pid), 1)})
        return rows
    finally:
        agents.close()


def _run_tasks(server: Server, agents: Agents, count: int) -> dict[str, Any]:
    print(f"bench: RunTask, {count:,} tasks", flush=True)
    message = server.message("RunTask", {"cluster": "bench", "taskDefinition": "bench", "count": 10})

    def ask() -> None:
        asked = raw.measure(server.address, [message], 600, CALLERS, count // 10)
        assert asked.failed == 0, "RunTask failed"

    return _timed(server, agents, "from RunTask to RUNNING", count, ask)


def _services(server: Server, agents: Agents) -> dict[str, Any]:
    print(f"bench: services, {SERVE:,} tasks", flush=True)

    def ask() -> None:
        for number in range(SERVE // PER_SERVICE):
            service = {"serviceName": f"s{number}", "taskDefinition": "bench", "desiredCount": PER_SERVICE}
            server.ask("CreateService", {"cluster": "bench", **service})

    return _timed(server, agents, "from a service's desired count to RUNNING", SERVE, ask)


def _timed(server: Server, agents: Agents, figure: str, count: int, ask: Any) -> dict[str, Any]:
    pids = server.process.pid, agents.process.pid
    agents.tell(reports=count)
    prober = Prober(server, "bench")
    before = [cpu_seconds(pid) for pid in pids]
    began = time.time()
    ask()
    took = agents.until("reported") - began
    spent = [cpu_seconds(pid) - was for pid, was in zip(pids, before, strict=True)]
    p99, longest = prober.stop()
    return {
        "figure": figure,
        "tasks": count,
        "a_second": round(count / took, 1),
        "a_core_second": round(count / spent[0], 1),
        "server_cores": round(spent[0] / took, 2),
        "agents_cores": round(spent[1] / took, 2),
        "api_p99_ms": round(p99, 1),
        "longest_pause_ms": round(longest, 1),
        "goal": f"{GOAL:,} a second, at least {LEAST}; API p99 under 50 ms",
        "met": count / took >= GOAL and p99 < 50,
    }


def _killed(server: Server, agents: Agents) -> dict[str, Any]:
    print("bench: the server is killed", flush=True)
    agents.tell(links=True)
    began = time.time()
    server.kill()
    server.start()
    took = agents.until("verified") - began
    return {
        "figure": f"killed: all {HOSTS:,} agents back, manifests verified",
        "seconds": round(took, 2),
        "goal": "within 30 s",
        "met": took <= 30,
    }


def _crowded(place: Path) -> list[dict[str, Any]]:
    print(f"bench: a data dir with {CROWD:,} running tasks", flush=True)
    crowd.fill(place / "podium.db", HOSTS, CROWD)
    server = Server(place)
    try:
        server.ask("DescribeServices", {"cluster": "crowd", "services": ["crowd-0"]})
        prober = Prober(server, "crowd")
        raw.until(lambda: len(prober.took) >= 200, "two hundred answers", 120)
        p99, longest = prober.stop()
        mib = resident_mib(server.process.pid)
    finally:
        server.close()
    return [
        {"figure": f"restarted and answering with {CROWD:,} tasks", "seconds": round(server.took, 2),
         "goal": "within 10 s", "met": server.took <= 10},
        {"figure": f"resident with {CROWD:,} tasks", "mib": round(mib, 1), "goal": "under 1,024 MiB",
         "met": mib < 1024},
        {"figure": f"API with {CROWD:,} tasks in one cluster", "api_p99_ms": round(p99, 1),
         "longest_pause_ms": round(longest, 1), "goal": "p99 under 50 ms", "met": p99 < 50},
    ]  # fmt: skip


def _print(rows: list[dict[str, Any]], floor: float, shares: dict[str, float]) -> None:
    table = Table(title="bench-control", title_justify="left")
    for heading in ("figure", "measured", "of a core, server / agents", "API p99 / longest", "goal", "met"):
        table.add_column(heading)
    for row in rows:
        cores = f"{row['server_cores']:.2f} / {row['agents_cores']:.2f}" if "server_cores" in row else ""
        pauses = f"{row['api_p99_ms']:.0f} / {row['longest_pause_ms']:.0f} ms" if "api_p99_ms" in row else ""
        met = {True: "yes", False: "no", None: ""}[row.get("met")]
        table.add_row(row["figure"], _measured(row), cores, pauses, row.get("goal", ""), met)
    console = Console(width=150)
    console.print(table)
    console.print(f"The floor: {floor:,.0f} reports a second. {BOTTLENECK}")
    console.print("Where the time goes: " + ", ".join(f"{room} {share} %" for room, share in shares.items()) + ".")


def _measured(row: dict[str, Any]) -> str:
    if "a_second" in row:
        return f"{row['a_second']:,.0f} a second, {row['a_core_second']:,.0f} a core-second"
    if "seconds" in row:
        return f"{row['seconds']} s"
    return f"{row['mib']:,.0f} MiB" if "mib" in row else ""


if __name__ == "__main__":
    main()
