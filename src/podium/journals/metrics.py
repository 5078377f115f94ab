"""The journal of metrics: what it keeps, and what may be asked of it."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from podium.journals.summaries import Summary

Dimensions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """`home` is whose it is (`partition:region:account`); `dimensions` are names and values, in order of names."""

    home: str
    namespace: str
    name: str
    dimensions: Dimensions = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured from `at` on, in seconds since the epoch, a minute long, or a second where somebody asked."""

    metric: Metric
    at: int
    unit: str
    summary: Summary


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which metrics of a home to list. A dimension without a value is wanted with any; a metric may have more."""

    home: str
    namespace: str | None = None
    name: str | None = None
    dimensions: tuple[tuple[str, str | None], ...] = ()
    active_since: int = 0


class Metrics(Protocol):
    """Any thread may ask. One server keeps what it was told; several might share what stands behind this."""

    def append(self, samples: Sequence[Sample]) -> "Future[None]":
        """Done once all of them are durable; NotWritten when none is."""

    def read(self, metric: Metric, start: int, end: int) -> Iterator[Sample]:
        """Those from `start` to before `end`, oldest first. Of one moment there may be several, to be added up."""

    def list(self, wanted: Wanted, after: Metric | None, limit: int) -> Sequence[Metric]:
        """In order of their names, after that one, at most so many."""

    def forget(self, before: int) -> "Future[None]":
        """All samples older than that, and the metrics that have no others."""
