"""Which of the instances that fit a task goes to: the placement strategies.

Source: Amazon ECS Developer Guide, "Use strategies to define Amazon ECS task placement".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from podium.ecs.records import Held
from podium.ecs.scheduling import placement
from podium.ecs.scheduling.columns import Rows, nth, without
from podium.ecs.scheduling.fitting import Fitting, is_changed_by_placing
from podium.ecs.scheduling.fleet import Fleet
from podium.ecs.scheduling.placement import Below, Miss, Requirements, Site
from podium.ecs.scheduling.tallies import INSTANCE

Strategy = Sequence[Mapping[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """The sites chosen, one a task and in order; and, when they are fewer than asked, what stood in the way."""

    sites: tuple[Site, ...]
    misses: tuple[Miss, ...] = ()


class Trial:
    """Places tasks in a fleet one after the other, as if each were there already. `undo` takes all of them away."""

    def __init__(self, fitting: Fitting) -> None:
        self._fitting, self._fleet = fitting, fitting.fleet
        self._before: dict[int, Held] = {}
        self._last: tuple[int, Requirements, Site] | None = None  # chosen, and of no account before the next choice
        self._groups: set[str] = set()

    def place(self, needs: Requirements, count: int, strategy: Strategy, below: Below) -> Placement:
        """Up to `count` tasks that all need the same.

        `strategy` items narrow the candidates in order; what is left after the last is drawn by chance.
        """
        chosen: list[Site] = []
        self._count_last()
        fit = self._fitting.rows(needs)
        while fit and len(chosen) < count:
            row = choose(self._fleet, fit, needs.group, strategy, below)
            chosen.append(self._fleet.at(row).site(needs))
            self._last = (row, needs, chosen[-1])
            if len(chosen) < count:
                fit = self._narrowed(fit, row, needs)
        misses = self._fitting.misses(needs) if len(chosen) < count else ()
        return Placement(sites=tuple(chosen), misses=misses)

    def undo(self) -> None:
        for row, held in self._before.items():
            self._fleet.hold(row, held, self._groups)
        self._before.clear()

    def _narrowed(self, fit: Rows, row: int, needs: Requirements) -> Rows:
        """What still fits once the last task counts: only its own instance can have come to lack something."""
        self._count_last()
        if is_changed_by_placing(needs):
            return self._fitting.rows(needs)
        full = needs.distinct or placement.short(needs, self._fleet.at(row)) is not None
        return without(fit, 1 << row) if full else fit

    def _count_last(self) -> None:
        if self._last is None:
            return
        row, needs, site = self._last
        held = self._fleet.at(row).held
        self._before.setdefault(row, held)
        self._groups.add(needs.group)
        self._fleet.hold(row, taken(held, needs, site.gpu_ids), (needs.group,))
        self._last = None


def choose(fleet: Fleet, among: Rows, group: str, strategy: Strategy, below: Below) -> int:
    """The row that a task of the group goes to; `among` is not empty."""
    for item in strategy:
        if item["type"] == "random":
            break
        if item["type"] == "binpack":
            among = (fleet.cpu if item["field"].lower() == "cpu" else fleet.memory_mib).least(among)
        else:
            among = fleet.tallies.column(group, _bucket(item["field"])).least(among)
    several = among.bit_count()
    return nth(among, below(several)) if several > 1 else among.bit_length() - 1


def _bucket(field: str) -> str:
    return INSTANCE if field in (INSTANCE, "host") else field.removeprefix("attribute:")


def taken(held: Held, needs: Requirements, gpu_ids: Sequence[str]) -> Held:
    """What an instance's tasks hold with one more."""
    return held.changed(1, needs.cpu, needs.memory_mib, needs.ports, needs.ports_udp, gpu_ids, needs.group)
