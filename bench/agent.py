"""`make bench-agent`: what the agent adds to Docker's own time, and what it costs by itself.

How to read it. A launch is timed from the task's creation to the control plane's hearing that it RUNS, both as
DescribeTasks shows them, so a round of the control plane is in it. Beside it, in turn with it on the same engine, the
same containers are made by bare calls of the Docker Engine API; for awsvpc a pause container, the same `ip` commands,
and a container in its network (see `bench.twins`). Figures are seconds until the last of so many was up.

Then a hundred tasks run and nothing happens to them: the agent's memory is its RSS, beside that of a Python that
has loaded the same standard modules and nothing else; its CPU is in percent of a core, beside the same agent's
without tasks. Docker's CPU is that of dockerd, containerd and its shims, beside the same hundred with the agent
halted. What else runs on the machine disturbs all figures, ratios less than seconds: the load is told with them.
"""

import asyncio
import os
import signal
import time
from dataclasses import dataclass
from statistics import median
from typing import Any

from demo import image
from rich.console import Console
from rich.table import Table

from bench import process, report, twins
from bench.engine import IMAGE, Engine
from bench.plane import Podium
from bench.tasks import MODES, Tasks

QUICK = bool(os.environ.get("QUICK"))
AT_ONCE = (1, 8) if QUICK else (1, 8, 16)
# How often each is launched, both ways in turn: few at once cost little time and are told apart worst.
PAIRS = {1: 2, 8: 1} if QUICK else {1: 11, 8: 5, 16: 3}
SECONDS = 20.0 if QUICK else 80.0  # telemetry comes every 20
SECONDS_BESIDE = 6.0 if QUICK else 20.0
SETTLED_SECONDS = 0.3 if QUICK else 1.0
HUNDRED = {"none": 60, "host": 20, "awsvpc": 20}


@dataclass(frozen=True)
class Row:
    """`ours` beside `floor`, both medians or single figures of this run; `goal` is in words.

    `pairs` are what medians are of.
    """

    figure: str
    unit: str
    ours: float
    floor: float | None = None
    goal: str | None = None
    met: bool | None = None
    pairs: tuple[tuple[float, float], ...] = ()

    def as_json(self) -> dict[str, Any]:
        floor = None if self.floor is None else round(self.floor, 4)
        pairs = [[round(ours, 4), round(floor, 4)] for ours, floor in self.pairs]
        more = {"pairs": pairs} if pairs else {}
        return {"figure": self.figure, "unit": self.unit, "ours": round(self.ours, 4), "floor": floor,
                "ratio": self.ratio, "goal": self.goal, "met": self.met, **more}  # fmt: skip

    @property
    def ratio(self) -> float | None:
        return round(self.ours / self.floor, 3) if self.floor else None


async def main() -> None:
    image.load(IMAGE)
    load = _load()
    async with Engine() as engine:
        podium = await asyncio.to_thread(Podium)
        try:
            tasks = await asyncio.to_thread(Tasks, podium)
            agent = process.running("podium_agent", str(podium.data_dir / "agents" / "1"))
            idle = await _cpu_percent(agent, SECONDS_BESIDE)
            launches = [row for mode in MODES for row in await _launches(engine, tasks, mode)]
            rest = await _hundred(engine, tasks, agent, idle)
        finally:
            await asyncio.to_thread(podium.close)
    rows = [*launches, *rest]
    _print(rows)
    report.keep("agent", [row.as_json() for row in rows], {
        "quick": QUICK, "floor": "bare Docker API", "load_before": load, "load_after": _load(),
        "hundred": HUNDRED, "seconds": SECONDS,
    })  # fmt: skip


async def _launches(engine: Engine, tasks: Tasks, mode: str) -> list[Row]:
    first = await asyncio.to_thread(tasks.run, mode, 1)  # warm, and the original of its twins
    twin = await twins.of(engine, first.docker_ids[0])
    await asyncio.to_thread(tasks.stop, first.arns)
    rows = []
    for number in AT_ONCE:
        print(f"bench: {mode}, {number} at once", flush=True)
        pairs = [await _pair(engine, tasks, twin, mode, number, turn) for turn in range(PAIRS[number])]
        ours, floor = median(p[0] for p in pairs), median(p[1] for p in pairs)
        figure = f"{mode}, {number} at once: start to RUNNING"
        rows.append(Row(figure, "s", ours, floor, "≤ 1.1 × bare Docker", ours <= 1.1 * floor, tuple(pairs)))
        if mode == "awsvpc" and number == 1:
            rows.append(Row("awsvpc, one task: start to RUNNING", "s", ours, None, "≤ 0.3 s", ours <= 0.3))
    return rows


async def _pair(
    engine: Engine, tasks: Tasks, twin: twins.Twin, mode: str, number: int, turn: int
) -> tuple[float, float]:
    """Podium's seconds and bare Docker's, who goes first taking turns."""
    if turn % 2:
        floor = await _bare(engine, twin, number)
        return await _ours(engine, tasks, mode, number), floor
    ours = await _ours(engine, tasks, mode, number)
    return ours, await _bare(engine, twin, number)


async def _ours(engine: Engine, tasks: Tasks, mode: str, number: int) -> float:
    await engine.settle(SETTLED_SECONDS)
    ran = await asyncio.to_thread(tasks.run, mode, number)
    await asyncio.to_thread(tasks.stop, ran.arns)
    return ran.seconds[-1]


async def _bare(engine: Engine, twin: twins.Twin, number: int) -> float:
    await engine.settle(SETTLED_SECONDS)
    ids, seconds = await twins.launch(engine, twin, number)
    await engine.remove(ids)
    return seconds[-1]


async def _hundred(engine: Engine, tasks: Tasks, agent: int, idle: float) -> list[Row]:
    """The agent, and Docker because of it, while a hundred tasks run and nothing happens to them."""
    print(f"bench: a hundred tasks, {SECONDS:.0f} s of looking on", flush=True)
    for mode, number in HUNDRED.items():
        await asyncio.to_thread(tasks.run, mode, number)
    await asyncio.sleep(5.0)
    docker = process.named("dockerd", "containerd")
    before = process.cpu_of_all(docker)
    cpu = await _cpu_percent(agent, SECONDS)
    with_agent = process.spent(before, process.cpu_of_all(docker)) / SECONDS * 100
    resident, proportional = process.resident_mib(agent), process.proportional_mib(agent)
    without = await _docker_percent_without(agent, docker)
    return [
        Row("100 tasks: the agent's memory (RSS)", "MiB", resident, process.bare_interpreter_mib(), "< 60 MiB",
            resident < 60),
        Row("100 tasks: the agent's memory (PSS)", "MiB", proportional),
        Row("100 tasks: the agent's CPU", "% of a core", cpu, idle, "< 2 %", cpu < 2),
        Row("100 tasks: Docker's CPU", "% of a core", with_agent, without),
    ]  # fmt: skip


async def _docker_percent_without(agent: int, docker: list[int]) -> float:
    """With the agent halted, for less than it takes anybody to miss it."""
    os.kill(agent, signal.SIGSTOP)
    try:
        before = process.cpu_of_all(docker)
        await asyncio.sleep(SECONDS_BESIDE)
        return process.spent(before, process.cpu_of_all(docker)) / SECONDS_BESIDE * 100
    finally:
        os.kill(agent, signal.SIGCONT)


def _load() -> float:
    """Of the last minute: above the number of cores something else was at work, or more was started than they take."""
    return round(os.getloadavg()[0], 2)


async def _cpu_percent(pid: int, seconds: float) -> float:
    began, before = time.monotonic(), process.cpu_seconds(pid)
    await asyncio.sleep(seconds)
    return (process.cpu_seconds(pid) - before) / (time.monotonic() - began) * 100


def _print(rows: list[Row]) -> None:
    table = Table(title="bench-agent, medians", title_justify="left")
    for heading in ("figure", "unit", "Podium", "floor", "ratio", "goal", "met"):
        table.add_column(heading, justify="left" if heading in ("figure", "unit", "goal") else "right")
    for row in rows:
        met = {True: "yes", False: "no", None: ""}[row.met]
        floor = "" if row.floor is None else f"{row.floor:.3f}"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        table.add_row(row.figure, row.unit, f"{row.ours:.3f}", floor, ratio, row.goal or "", met)
    Console(width=120).print(table)


if __name__ == "__main__":
    asyncio.run(main())
