"""Metrics in SQLite, behind a writer."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future

from podium.journals.metrics import Metric, Sample, Wanted
from podium.journals.sqlite import SqliteMetrics
from podium.journals.writing import Writer

MOST_AT_ONCE = 20_000  # samples in one commit
METRICS_AT_ONCE = 200  # whose past is forgotten in one

Samples = Sequence[Sample]


class WrittenMetrics:
    """`close` writes what was handed in, and ends it."""

    def __init__(self, kept: SqliteMetrics) -> None:
        self._kept = kept
        self._writer: Writer[Samples, None] = Writer("metrics", self._write, len, MOST_AT_ONCE)
        self.start = self._writer.start

    def append(self, samples: Samples) -> "Future[None]":
        return self._writer.append(samples)

    def read(self, metric: Metric, start: int, end: int) -> Iterator[Sample]:
        return self._kept.read(metric, start, end)

    def list(self, wanted: Wanted, after: Metric | None, limit: int) -> Sequence[Metric]:
        return self._kept.list(wanted, after, limit)

    def forget(self, before: int) -> "Future[None]":
        return self._writer.forget(self._forgetting(before))

    def close(self) -> None:
        self._writer.close()
        self._kept.close()

    def _write(self, appended: Sequence[Samples]) -> Sequence[None]:
        self._kept.write(sample for samples in appended for sample in samples)
        return [None] * len(appended)

    def _forgetting(self, before: int) -> Iterator[None]:
        """A handful of metrics at a time."""
        last = 0
        while (following := self._kept.forget_some(before, last, METRICS_AT_ONCE)) is not None:
            last = following
            yield
