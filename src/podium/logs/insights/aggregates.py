"""`count(*)`, `avg(x)`, `pct(x, 95)`: what is known of many rows, kept in little memory."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from podium.journals.jobs import TooMuch
from podium.logs.insights.rows import number, text

MOST_DISTINCT = 100_000


class Aggregate(Protocol):
    def add(self, value: Any) -> None: ...

    def result(self) -> Any: ...


class Count:
    def __init__(self) -> None:
        self._count = 0

    def add(self, value: Any) -> None:
        self._count += value is not None

    def result(self) -> Any:
        return self._count


class Distinct:
    def __init__(self) -> None:
        self._seen = set[int]()

    def add(self, value: Any) -> None:
        if value is not None:
            self._seen.add(hash(text(value)))
        if len(self._seen) > MOST_DISTINCT:
            raise TooMuch

    def result(self) -> Any:
        return len(self._seen)


class Sum:
    """`how` is what is made of the sum and of how many there were."""

    def __init__(self, how: Callable[[float, int], float]) -> None:
        self._how, self._total, self._count = how, 0.0, 0

    def add(self, value: Any) -> None:
        if (found := number(value)) is not None:
            self._total += found
            self._count += 1

    def result(self) -> Any:
        return self._how(self._total, self._count) if self._count else None


class Extreme:
    """Of numbers as numbers, of texts as texts; a number is before every text."""

    def __init__(self, best: Callable[..., Any]) -> None:
        self._best, self._kept = best, list[tuple[Any, ...]]()

    def add(self, value: Any) -> None:
        if value is not None:
            found = number(value)
            key = (0, found, "", value) if found is not None else (1, 0.0, text(value), value)
            self._kept = [self._best(*self._kept, key, key=lambda kept: kept[:3])] if self._kept else [key]

    def result(self) -> Any:
        return self._kept[0][3] if self._kept else None


class Percentile:
    """Values count as they are to four digits, so that memory is bounded however many there are."""

    def __init__(self, percent: float) -> None:
        self._percent, self._counts = percent, Counter[float]()

    def add(self, value: Any) -> None:
        if (found := number(value)) is not None:
            self._counts[float(f"{found:.4g}")] += 1

    def result(self) -> Any:
        left = self._counts.total() * self._percent / 100
        found = None
        for value in sorted(self._counts):
            found = value
            left -= self._counts[value]
            if left <= 0:
                break
        return found


AGGREGATES: Mapping[str, Callable[[], Aggregate]] = {
    "count": Count,
    "count_distinct": Distinct,
    "sum": lambda: Sum(lambda total, count: total),
    "avg": lambda: Sum(lambda total, count: total / count),
    "min": lambda: Extreme(min),
    "max": lambda: Extreme(max),
}
