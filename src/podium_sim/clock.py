"""Simulated time: a queue of things that will happen."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

BEGINNING = datetime(2026, 6, 1, tzinfo=UTC)


class Timeline:
    """The clock of everyone in the world. What is due at the same moment happens in order of asking."""

    def __init__(self) -> None:
        self._now = BEGINNING
        self._queue: list[tuple[datetime, int, Callable[[], None]]] = []
        self._asked = 0

    def now(self) -> datetime:
        return self._now

    @property
    def seconds(self) -> float:
        """Now, since the epoch."""
        return self._now.timestamp()

    def after(self, seconds: float, what: Callable[[], None]) -> None:
        self.at(self._now + timedelta(seconds=max(0.0, seconds)), what)

    def at(self, moment: datetime, what: Callable[[], None]) -> None:
        self._asked += 1
        heapq.heappush(self._queue, (max(moment, self._now), self._asked, what))

    def step(self, until: datetime) -> bool:
        """Let the next thing happen, if it is due by `until`; otherwise go there. False when nothing was due."""
        if not self._queue or self._queue[0][0] > until:
            self._now = until
            return False
        self._now, _, what = heapq.heappop(self._queue)
        what()
        return True
