"""What metric filters make of events: values by the minute, as the journal of metrics takes them.

Source: Amazon CloudWatch Logs User Guide, "Configuring metric values for a metric filter", "Publishing dimensions with
metrics from values in JSON or space-delimited log events".
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from podium.journals import summaries
from podium.journals.metrics import Dimensions, Metric, Sample
from podium.logs import patterns
from podium.logs.patterns import objects
from podium.logs.patterns.comparing import number
from podium.logs.patterns.matching import Matcher
from podium.logs.records import MetricFilter

MINUTE = 60_000  # milliseconds


def samples(home: str, filters: Sequence[MetricFilter], lines: Sequence[tuple[int, str]]) -> list[Sample]:
    return [sample for filter in filters for sample in _of_filter(home, filter, lines)]


def _of_filter(home: str, filter: MetricFilter, lines: Sequence[tuple[int, str]]) -> Iterator[Sample]:
    """An event without the value, or without one of the dimensions, is passed over."""
    pattern = patterns.parsed(filter.pattern)
    found: dict[tuple[int, Dimensions], list[tuple[float, float]]] = defaultdict(list)
    for at, message in lines:
        if not pattern.matches(message):
            continue
        value, dimensions = number(_said(pattern, message, filter.metric_value)), _dimensions(filter, pattern, message)
        if value is not None and dimensions is not None:
            found[at // MINUTE * 60, dimensions].append((value, 1.0))
    if filter.default_value is not None:
        matched = {minute for minute, _ in found}
        for minute in {at // MINUTE * 60 for at, _ in lines} - matched:
            found[minute, ()].append((filter.default_value, 1.0))
    for (minute, dimensions), values in found.items():
        metric = Metric(home, filter.metric_namespace, filter.metric_name, dimensions)
        yield Sample(metric, minute, filter.unit, summaries.of_values(values))


def _dimensions(filter: MetricFilter, pattern: Matcher, message: str) -> Dimensions | None:
    """In order of their names. None when one of them has no value."""
    found = [(name, _said(pattern, message, told)) for name, told in sorted(filter.dimensions.items())]
    return tuple((name, value) for name, value in found if value) if all(value for _, value in found) else None


def _said(pattern: Matcher, message: str, told: str) -> str | None:
    """What is told, or what the event has under that name."""
    if not told.startswith("$"):
        return told
    return objects.selected(message, told) if told.startswith("$.") else pattern.extracted(message).get(told)
