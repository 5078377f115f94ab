"""What weeks have been through: the arcs of every life, stop codes, pairs of faults, operations."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from podium.ecs import lifecycle
from podium.ecs.lifecycle import LIFECYCLE, Event
from podium.ecs.records import StopCode, Task, TaskStatus
from podium.store.session import Change
from podium_sim import lives
from podium_sim.lives import LIVES

if TYPE_CHECKING:
    from podium_sim.faults import Fault

OUT_OF_REACH: dict[tuple[str, str], str] = {
    ("ACTIVATING", "STOP_ASKED"): "tasks pass through ACTIVATING in one step: no load balancer has to hear of them",
    ("ACTIVATING", "EXITED"): "tasks pass through ACTIVATING in one step",
    ("DEACTIVATING", "EXITED"): "tasks pass through DEACTIVATING in one step: no load balancer has to let go of them",
}
"""Arcs of a task that nothing in Podium can go yet, and why."""


@dataclass
class Coverage:
    """Counts. `tasks` are the arcs of LIFECYCLE as they were gone, `lives` those seen on disk."""

    tasks: Counter[tuple[str, str]] = field(default_factory=Counter)
    lives: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    stop_codes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Coverage") -> None:
        for name in vars(self):
            getattr(self, name).update(getattr(other, name))

    def changed(self, change: Change) -> None:
        for life, (before, after) in lives.gone(change):
            self.lives[life.name, before, after] += 1
        if isinstance(change.after, Task) and change.after.stop_code is not None:
            before = change.before
            if before is None or before.stop_code is None:
                self.stop_codes[change.after.stop_code] += 1

    def befell(self, fault: "Fault", others: Sequence["Fault"]) -> None:
        """A fault began while the others were on."""
        self.faults[fault.name] += 1
        for other in others:
            first, second = sorted((fault.name, other.name))
            self.pairs[first, second] += 1

    @contextmanager
    def tracing(self) -> Iterator[None]:
        """Count the arcs that tasks go, of which one transaction may go several."""
        original = lifecycle.through

        def through(task: Task, events: Iterable[Event], now: datetime, **told: Any) -> Task:
            status, events = task.last_status, tuple(events)
            for event in events:
                if event in LIFECYCLE[status]:
                    self.tasks[status.value, event.name] += 1
                    status = LIFECYCLE[status][event]
            return original(task, events, now, **told)

        lifecycle.through = through
        try:
            yield
        finally:
            lifecycle.through = original


def arcs_of_tasks() -> list[tuple[str, str]]:
    return [(status.value, event.name) for status in TaskStatus for event in LIFECYCLE[status]]


def arcs_of_lives() -> list[tuple[str, str, str]]:
    return sorted((life.name, before, after) for life in LIVES for before, after in life.arcs)


def stop_codes() -> list[str]:
    return [code.value for code in StopCode]


def pairs(faults: Sequence["Fault"]) -> list[tuple[str, str]]:
    names = sorted(fault.name for fault in faults)
    return [(a, b) for n, a in enumerate(names) for b in names[n + 1 :]]
