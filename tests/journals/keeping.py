"""Journals of metrics in a test's own folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from podium.journals import summaries
from podium.journals.metrics import Metric, Sample
from podium.journals.sqlite import SqliteMetrics
from podium.journals.writer import WrittenMetrics

HOME = "aws:us-east-1:123456789012"
LOAD = Metric(HOME, "Demo", "Load", (("Host", "a"),))
LONG = 2**40
PATIENCE = 20.0


@contextmanager
def written(path: Path) -> Iterator[WrittenMetrics]:
    made = WrittenMetrics(SqliteMetrics(path))
    made.start()
    try:
        yield made
    finally:
        made.close()


def sample(at: int, *values: float, metric: Metric = LOAD, unit: str = "None") -> Sample:
    return Sample(metric, at, unit, summaries.of_values([(value, 1.0) for value in values]))
