"""Envoy's statistics, read from its admin socket."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podium_proxy.supervision import admin

_TARGET = "/stats?format=json&histogram_buckets=disjoint"

Buckets = dict[float, float]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Counters and gauges by their names, and how often a duration in milliseconds was measured, by upper bound."""

    numbers: dict[str, float] = field(default_factory=dict)
    durations: dict[str, Buckets] = field(default_factory=dict)

    def since(self, before: "Counts", name: str) -> float:
        """How much a counter grew. One that is smaller than it was belongs to an Envoy that started anew."""
        now, then = self.numbers.get(name, 0.0), before.numbers.get(name, 0.0)
        return now - then if now >= then else now

    def measured(self, before: "Counts", name: str) -> Buckets:
        then = before.durations.get(name, {})
        grown = {bound: count - then.get(bound, 0.0) for bound, count in self.durations.get(name, {}).items()}
        if any(count < 0 for count in grown.values()):
            grown = self.durations[name]
        return {bound: count for bound, count in grown.items() if count > 0}


async def read(data_dir: Path) -> Counts | None:
    """None when nobody answers."""
    try:
        return parsed(json.loads(await admin.ask(data_dir, _TARGET)))
    except (OSError, EOFError, TimeoutError, ValueError):
        return None


def parsed(told: dict[str, Any]) -> Counts:
    numbers: dict[str, float] = {}
    durations: dict[str, Buckets] = {}
    for entry in told.get("stats", []):
        if "histograms" in entry:
            details = entry["histograms"]
            for each in details if isinstance(details, list) else details.get("details", []):
                buckets = each.get("buckets") or each.get("totals") or []
                durations[each["name"]] = {float(b["upper_bound"]): float(b["cumulative"]) for b in buckets}
        elif isinstance(entry.get("value"), int | float):
            numbers[entry["name"]] = float(entry["value"])
    return Counts(numbers=numbers, durations=durations)
