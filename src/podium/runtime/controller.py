"""Controllers, and the queue that wakes them."""

import heapq
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from podium.store.session import Change, Transaction


class Controller(Protocol):
    """`kinds` are those of the records whose changes may wake one of its keys."""

    name: str

    @property
    def kinds(self) -> tuple[type[Any], ...]: ...

    def keys(self, change: Change) -> Iterable[str]:
        """The keys that `change`, of one of its kinds, should wake. A hint only: it carries no data."""

    def all_keys(self, tx: Transaction) -> Iterable[str | None]:
        """Every key, for the periodic full look. None is no key, and a place to break off where there are very many."""

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        """Bring the world one step nearer for `key`. Return when to look again, if ever.

        The answer must follow from the records alone: it is forgotten when the process ends,
        and asked for anew by the first full look of the next one.
        """


class Queue:
    """Keys waiting to be reconciled: each at most once, soonest first, equals in order of arrival."""

    def __init__(self) -> None:
        self._due: dict[tuple[str, str], tuple[datetime, int]] = {}
        self._heap: list[tuple[datetime, int, tuple[str, str]]] = []
        self._arrivals = 0

    def __len__(self) -> int:
        return len(self._due)

    def add(self, controller: str, key: str, due: datetime) -> None:
        at = (controller, key)
        known = self._due.get(at)
        if known is not None and known[0] <= due:
            return
        self._arrivals += 1
        self._due[at] = (due, self._arrivals)
        heapq.heappush(self._heap, (due, self._arrivals, at))

    def take(self, now: datetime) -> tuple[str, str] | None:
        self._drop_stale()
        if not self._heap or self._heap[0][0] > now:
            return None
        at = heapq.heappop(self._heap)[2]
        del self._due[at]
        return at

    def next_due(self) -> datetime | None:
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def _drop_stale(self) -> None:
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][:2]:
            heapq.heappop(self._heap)
