"""What was measured within some time, in as few numbers as answer every question about it."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Values = Mapping[float, float]


@dataclass(frozen=True, slots=True)
class Summary:
    """`values` says how often each value came; it is None where somebody sent statistics alone, and values are lost.

    Of two summaries the sum is what was measured altogether, in whichever order they are added.
    """

    count: float
    total: float
    least: float
    most: float
    values: Values | None

    def __add__(self, other: "Summary") -> "Summary":
        return Summary(
            self.count + other.count,
            self.total + other.total,
            min(self.least, other.least),
            max(self.most, other.most),
            _both(self.values, other.values),
        )


def of_values(given: Iterable[tuple[float, float]]) -> Summary:
    """Of values, each with how often it came. There is at least one, and none came zero times."""
    values: dict[float, float] = {}
    for value, count in given:
        values[value] = values.get(value, 0.0) + count
    total = sum(value * count for value, count in values.items())
    return Summary(sum(values.values()), total, min(values), max(values), values)


def of_statistics(count: float, total: float, least: float, most: float) -> Summary:
    """Where the least is the most, it is every value."""
    return Summary(count, total, least, most, {least: count} if least == most else None)


def packed(summary: Summary) -> bytes | None:
    """The values as bytes. None where there are none, or where the other numbers say them already."""
    values = summary.values
    return None if values is None or len(values) < 2 else array("d", (*values, *values.values())).tobytes()


def unpacked(count: float, total: float, least: float, most: float, kept: bytes | None) -> Summary:
    if kept is None:
        return of_statistics(count, total, least, most)
    numbers = array("d", kept)
    half = len(numbers) // 2
    return Summary(count, total, least, most, dict(zip(numbers[:half], numbers[half:], strict=True)))


def _both(one: Values | None, other: Values | None) -> Values | None:
    if one is None or other is None:
        return None
    values = dict(one)
    for value, count in other.items():
        values[value] = values.get(value, 0.0) + count
    return values
