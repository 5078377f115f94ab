"""Times in periods: which ones a request is about, and what was measured in each.

A period begins at the start of the range, which is rounded down as AWS does, and then every so many seconds.
Source: Amazon CloudWatch API Reference, GetMetricStatistics, `StartTime`, `Period`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from podium.cloudwatch.errors import InvalidValue
from podium.journals.metrics import Sample
from podium.journals.summaries import Summary

SHORT_PERIODS = (1, 5, 10, 20, 30)
MINUTE, HOUR, DAY = 60, 3600, 86_400
LONG_AGO = 15 * DAY
VERY_LONG_AGO = 63 * DAY


@dataclass(frozen=True, slots=True)
class Range:
    """In whole seconds since the epoch; `end` is not in it."""

    start: int
    end: int
    period: int

    @property
    def points(self) -> int:
        """How many there may be."""
        return max(0, ceil((self.end - self.start) / self.period))


def asked(start: datetime, end: datetime, period: int, now: datetime) -> Range:
    """Raises InvalidValue for a period that there is not."""
    if period not in SHORT_PERIODS and period % MINUTE:
        raise InvalidValue(
            f"The value {period} for parameter Period is invalid: it must be 1, 5, 10, 20, 30, or a multiple of 60."
        )
    first, age = int(start.timestamp()), (now - start).total_seconds()
    coarse = HOUR if age > VERY_LONG_AGO else 5 * MINUTE if age > LONG_AGO else min(period, MINUTE)
    return Range(first // coarse * coarse, ceil(end.timestamp()), period)


def beginning(over: Range, at: int) -> int:
    """When the period of this moment began."""
    return over.start + (at - over.start) // over.period * over.period


def in_periods(samples: Iterable[Sample], over: Range) -> Iterator[tuple[int, Summary]]:
    """What was measured in each period that holds anything, by its start. Samples come oldest first."""
    at, summary = over.start, None
    for sample in samples:
        start = beginning(over, sample.at)
        if summary is not None and start == at:
            summary = summary + sample.summary
            continue
        if summary is not None:
            yield at, summary
        at, summary = start, sample.summary
    if summary is not None:
        yield at, summary
