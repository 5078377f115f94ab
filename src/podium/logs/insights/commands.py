"""The commands of a query, each of which makes rows of rows. None holds more rows than it was told."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from heapq import nsmallest
from itertools import islice
from typing import Any

from podium.journals.jobs import TooMuch
from podium.logs.insights.aggregates import Aggregate
from podium.logs.insights.expressions import Value, true
from podium.logs.insights.rows import Row, number, text

MOST_GROUPS = 10_000
MOST_DISTINCT_ROWS = 100_000
Named = Sequence[tuple[str, Value]]


@dataclass(frozen=True, slots=True)
class Fields:
    named: Named

    def __call__(self, rows: Iterable[Row]) -> Iterator[Row]:
        return (row.with_values({name: value(row) for name, value in self.named}) for row in rows)


@dataclass(frozen=True, slots=True)
class Filter:
    test: Value

    def __call__(self, rows: Iterable[Row]) -> Iterator[Row]:
        return (row for row in rows if true(self.test(row)))


@dataclass(frozen=True, slots=True)
class Parse:
    """A row that does not look like that has none of the fields."""

    field: str
    found: Callable[[str], Mapping[str, str] | None]

    def __call__(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            held = text(row.get(self.field))
            values = self.found(held) if held is not None else None
            yield row.with_values(dict(values)) if values else row


@dataclass(frozen=True, slots=True)
class Limit:
    most: int

    def __call__(self, rows: Iterable[Row]) -> Iterator[Row]:
        return islice(rows, self.most)


@dataclass(frozen=True, slots=True)
class Sort:
    """The first `most` rows in this order. What is not there comes last either way."""

    by: Sequence[tuple[Value, bool]]
    most: int

    def __call__(self, rows: Iterable[Row]) -> Iterator[Row]:
        def compared(one: Row, other: Row) -> int:
            return next((found for value, down in self.by if (found := _order(value(one), value(other), down))), 0)

        return iter(nsmallest(self.most, rows, key=cmp_to_key(compared)))


@dataclass(frozen=True, slots=True)
class Dedup:
    """The first row of those that agree in these."""

    named: Named

    def __call__(self, rows: Iterable[Row]) -> Iterator[Row]:
        seen = set[tuple[str | None, ...]]()
        for row in rows:
            key = tuple(text(value(row)) for _, value in self.named)
            if key not in seen:
                seen.add(key)
                if len(seen) > MOST_DISTINCT_ROWS:
                    raise TooMuch
                yield row


@dataclass(frozen=True, slots=True)
class Stats:
    """One row for each group, in the order in which they are met; without groups one row, whatever there is."""

    made: Sequence[tuple[str, Value, Callable[[], Aggregate]]]
    by: Named

    def __call__(self, rows: Iterable[Row]) -> Iterator[Row]:
        groups: dict[tuple[str | None, ...], tuple[list[Any], list[Aggregate]]] = {}
        if not self.by:
            groups[()] = [], self._fresh()
        for row in rows:
            values = [value(row) for _, value in self.by]
            key = tuple(text(value) for value in values)
            if key not in groups:
                if len(groups) >= MOST_GROUPS:
                    raise TooMuch
                groups[key] = values, self._fresh()
            for aggregate, (_, value, _) in zip(groups[key][1], self.made, strict=True):
                aggregate.add(value(row))
        for values, aggregates in groups.values():
            named = {name: value for (name, _), value in zip(self.by, values, strict=True)}
            results = {name: one.result() for (name, _, _), one in zip(self.made, aggregates, strict=True)}
            yield Row({**named, **results})

    def _fresh(self) -> list[Aggregate]:
        return [fresh() for _, _, fresh in self.made]


Command = Fields | Filter | Parse | Limit | Sort | Dedup | Stats


def globbed(pattern: str, names: Sequence[str]) -> Callable[[str], Mapping[str, str] | None]:
    """Each asterisk of `pattern` stands for as little text as there can be, the last one of all for the rest."""
    first, *rest = pattern.split("*")

    def found(held: str) -> Mapping[str, str] | None:
        start = held.find(first)
        at, values = start + len(first), list[str]()
        for nth, part in enumerate(rest, 1):
            end = len(held) if not part and nth == len(rest) else held.find(part, at)
            if start < 0 or end < 0:
                return None
            values.append(held[at:end])
            at = end + len(part)
        return dict(zip(names, values, strict=True))

    return found


def _order(one: Any, other: Any, down: bool) -> int:
    if one is None or other is None:
        return (one is None) - (other is None)
    keys = [(0, found, "") if (found := number(value)) is not None else (1, 0.0, text(value)) for value in (one, other)]
    ordered = int(keys[0] > keys[1]) - int(keys[0] < keys[1])
    return -ordered if down else ordered
