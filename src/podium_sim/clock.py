"""Simulated time: a queue of things that will happen."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

BEGINNING = datetime(2026, 6, 1, tzinfo=UTC)


Due = tuple[datetime, int, Callable[[], None]]


class Timeline:
    """The time that it is. What is due at the same moment happens in order of asking.

    While it `leaps`, what only keeps watch is left out: time goes from one thing that is due to the next, and
    the watches are kept up with once it walks again.
    """

    def __init__(self) -> None:
        self._now = BEGINNING
        self._queue: list[Due] = []
        self._watches: list[Due] = []
        self._asked = 0
        self.leaps = False

    def now(self) -> datetime:
        return self._now

    @property
    def seconds(self) -> float:
        """Now, since the epoch."""
        return self._now.timestamp()

    def after(self, seconds: float, what: Callable[[], None]) -> None:
        self.at(self._now + timedelta(seconds=max(0.0, seconds)), what)

    def at(self, moment: datetime, what: Callable[[], None]) -> None:
        self._push(self._queue, moment, what)

    def watch(self, seconds: float, what: Callable[[], None]) -> None:
        """After so many seconds, unless nothing else happens for so long that nobody looks."""
        self._push(self._watches, self._now + timedelta(seconds=seconds), what)

    def _push(self, onto: list[Due], moment: datetime, what: Callable[[], None]) -> None:
        self._asked += 1
        heapq.heappush(onto, (max(moment, self._now), self._asked, what))

    def step(self, until: datetime) -> bool:
        """Let the next thing happen, if it is due by `until`; otherwise go there. False when nothing was due."""
        queue = self._queue
        if not self.leaps and self._watches and (not queue or self._watches[0] < queue[0]):
            queue = self._watches
        if not queue or queue[0][0] > until:
            self._now = max(self._now, until)
            return False
        moment, _, what = heapq.heappop(queue)
        self._now = max(self._now, moment)
        what()
        return True


class Clock:
    """What one machine takes for the time: it may be ahead of it by so many seconds, or behind."""

    def __init__(self, time: Timeline, ahead: float = 0.0) -> None:
        self._time, self._ahead = time, timedelta(seconds=ahead)
        self._jumped_at, self._before = time.now(), self._ahead

    @property
    def ahead(self) -> float:
        return self._ahead.total_seconds()

    def jump(self, ahead: float) -> None:
        """From now on it is so many seconds ahead of the time."""
        self._before, self._jumped_at = self._ahead, self._time.now()
        self._ahead = timedelta(seconds=ahead)

    def now(self) -> datetime:
        return self._time.now() + self._ahead

    def latest(self) -> datetime:
        """The latest that it may have shown to what has only just been written to disk."""
        recent = self._time.now() - self._jumped_at < timedelta(seconds=1)
        return self._time.now() + (max(self._before, self._ahead) if recent else self._ahead)

    @property
    def seconds(self) -> float:
        return self.now().timestamp()

    def at(self, moment: datetime, what: Callable[[], None]) -> None:
        """When this clock shows `moment`, if nobody sets it before."""
        self._time.at(moment - self._ahead, what)
