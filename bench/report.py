"""Benchmarks' results: medians, ratios, a table to read and a file to keep."""

import json
import os
import platform
import statistics
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Line:
    """One figure: ours in seconds, beside a floor and a peer of the same run.

    `goal` is the largest ratio to the floor that is good enough, `allowance` seconds that come on top.
    """

    name: str
    ours: list[float]
    floor: list[float] | None = None
    peer: list[float] | None = None
    goal: float | None = None
    allowance: float = 0.0
    at_most: float | None = None

    @property
    def ratio(self) -> float | None:
        return round(median(self.ours) / median(self.floor), 3) if self.floor else None

    @property
    def met(self) -> bool | None:
        if self.at_most is not None:
            return median(self.ours) <= self.at_most
        if self.goal is None or not self.floor:
            return None
        return median(self.ours) <= median(self.floor) * self.goal + self.allowance

    def wish(self) -> str:
        if self.at_most is not None:
            return f"≤ {self.at_most} s"
        if self.goal is None:
            return ""
        return f"≤ {self.goal} × floor" + (f" + {self.allowance * 1000:.0f} ms" if self.allowance else "")


def median(values: list[float]) -> float:
    return statistics.median(values)


def publish(name: str, lines: list[Line], extra: dict[str, Any]) -> None:
    """Print the table and write bench/results/<name>.json."""
    _print(name, lines)
    rows = [
        {
            "figure": line.name,
            "ours_seconds": _rounded(line.ours),
            "floor_seconds": _rounded(line.floor),
            "peer_seconds": _rounded(line.peer),
            "ratio_to_floor": line.ratio,
            "goal": line.wish() or None,
            "met": line.met,
        }
        for line in lines
    ]
    keep(name, rows, extra)


def keep(name: str, rows: list[dict[str, Any]], extra: dict[str, Any]) -> None:
    """Write bench/results/<name>.json."""
    document = {"bench": name, "at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": _commit(),
                "machine": _machine(), **extra, "rows": rows}  # fmt: skip
    results = HERE / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")


def _rounded(values: list[float] | None) -> dict[str, Any] | None:
    if not values:
        return None
    return {"median": round(median(values), 4), "all": [round(v, 4) for v in values]}


def _print(name: str, lines: list[Line]) -> None:
    table = Table(title=f"bench-{name}, medians in seconds", title_justify="left")
    for heading in ("figure", "Podium", "bare Docker", "Swarm", "ratio", "goal", "met"):
        table.add_column(heading, justify="left" if heading in ("figure", "goal") else "right")
    for line in lines:
        met = {True: "yes", False: "no", None: ""}[line.met]
        cells = [_cell(line.ours), _cell(line.floor), _cell(line.peer)]
        table.add_row(line.name, *cells, f"{line.ratio:.2f}" if line.ratio else "", line.wish(), met)
    Console(width=120).print(table)


def _cell(values: list[float] | None) -> str:
    return f"{median(values):.3f}" if values else ""


def _commit() -> str:
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True)
    return told.stdout.strip() or "unknown"


def _machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
