"""Statistics by their names: what a summary of measurements answers.

Percentiles, and what is trimmed by them, count every value that was sent; of a period for which somebody sent
statistics instead of values they are not known.
Source: Amazon CloudWatch User Guide, "CloudWatch statistics definitions".
"""

import re
from collections.abc import Callable, Iterator
from functools import partial

from podium.journals.summaries import Summary, Values

Statistic = Callable[[Summary], float | None]
SIMPLE: dict[str, Statistic] = {
    "SampleCount": lambda it: it.count,
    "Sum": lambda it: it.total,
    "Average": lambda it: it.total / it.count,
    "Minimum": lambda it: it.least,
    "Maximum": lambda it: it.most,
}
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
_TRIMMED = re.compile(r"(tm|wm|tc|ts)(\d{1,2}(?:\.\d{1,10})?|100)", re.IGNORECASE)
_BETWEEN = re.compile(r"(TM|WM|TC|TS|PR)\(([\d.]*)(%?):([\d.]*)(%?)\)", re.IGNORECASE)


def named(name: str) -> Statistic | None:
    """None where there is no such statistic."""
    if name in SIMPLE:
        return SIMPLE[name]
    if found := _PERCENTILE.fullmatch(name):
        return partial(_percentile, float(found[1]))
    if name.upper() == "IQM":
        return partial(_between, "tm", 25.0, 75.0, True)
    if found := _TRIMMED.fullmatch(name):
        return partial(_between, found[1].lower(), 0.0, float(found[2]), True)
    if found := _BETWEEN.fullmatch(name):
        return _of_bounds(found[1].lower(), *found.groups()[1:])
    return None


def _of_bounds(kind: str, low: str, low_percent: str, high: str, high_percent: str) -> Statistic | None:
    percent = bool(low_percent or high_percent)
    try:
        least = float(low) if low else float("-inf")
        most = float(high) if high else float("inf")
    except ValueError:
        return None
    mixed = (low and bool(low_percent) is not percent) or (high and bool(high_percent) is not percent)
    if mixed or not (low or high) or least > most or (percent and kind == "pr"):
        return None
    return partial(_between, kind, *((max(0.0, least), min(100.0, most)) if percent else (least, most)), percent)


def _percentile(percent: float, it: Summary) -> float | None:
    """The least value that so many percent of all are not above."""
    if it.values is None:
        return None
    wanted, seen = it.count * percent / 100, 0.0
    for value in sorted(it.values):
        seen += it.values[value]
        if seen >= wanted:
            return value
    return it.most


def _between(kind: str, low: float, high: float, percent: bool, it: Summary) -> float | None:
    """Of the values from `low` to `high`: mean, mean with the others moved to these bounds, count, sum, share."""
    if it.values is None:
        return None
    left = list(_ranked(it.values, it.count * low / 100, it.count * high / 100) if percent else _within(it, low, high))
    count, total = sum(n for _, n in left), sum(value * n for value, n in left)
    if kind in ("tc", "ts"):
        return count if kind == "tc" else total
    if kind == "pr":
        return 100 * count / it.count
    if not count:
        return None
    return total / count if kind == "tm" else _winsorized(it, left[0][0], left[-1][0])


def _ranked(values: Values, start: float, end: float) -> Iterator[tuple[float, float]]:
    """Of the values in their order, those whose ranks lie between; of one that lies across a bound, the part inside."""
    seen = 0.0
    for value in sorted(values):
        inside = min(end, seen + values[value]) - max(start, seen)
        seen += values[value]
        if inside > 0:
            yield value, inside


def _within(it: Summary, low: float, high: float) -> Iterator[tuple[float, float]]:
    values = it.values or {}
    return ((value, values[value]) for value in sorted(values) if low <= value <= high)


def _winsorized(it: Summary, low: float, high: float) -> float:
    values = it.values or {}
    return sum(min(max(value, low), high) * n for value, n in values.items()) / it.count
