"""GetMetricData's queries: which metrics they read, what they make of each other, and their answers in pages.

Source: Amazon CloudWatch API Reference, GetMetricData, MetricDataQuery.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from podium.cloudwatch import expressions, naming, ranges, statistics
from podium.cloudwatch.errors import Invalid
from podium.cloudwatch.expressions import Series
from podium.cloudwatch.ranges import Range
from podium.journals.metrics import Metrics
from podium.kernel.call import Call

Query = Mapping[str, Any]
MOST_QUERIES = 500
MOST_POINTS = 100_800
MOST_ALTOGETHER = 1_000_000
_ID = re.compile(r"[a-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Result:
    """Points in the order that was asked for."""

    id: str
    label: str
    points: Sequence[tuple[int, float]]


def results(call: Call, metrics: Metrics, request: Query) -> list[Result]:
    """One for each query whose data are to be returned. Raises Invalid, and what the statistics do."""
    reading = _Reading(call, metrics, request)
    newest_first = request.get("ScanBy") != "TimestampAscending"
    return [
        Result(query["Id"], _label(query), sorted(reading.series(query["Id"]).items(), reverse=newest_first))
        for query in request["MetricDataQueries"]
        if query.get("ReturnData", True)
    ]


class _Reading:
    """Each query is worked out once, when it is first asked for."""

    def __init__(self, call: Call, metrics: Metrics, request: Query) -> None:
        queries = request["MetricDataQueries"]
        self._call, self._metrics, self._request = call, metrics, request
        self._queries = {query["Id"]: query for query in queries}
        _check(queries)
        self._ranges = {q["Id"]: self._range(q["MetricStat"]["Period"]) for q in queries if q.get("MetricStat")}
        points = [over.points for over in self._ranges.values()]
        if max(points, default=0) > MOST_POINTS or sum(points) > MOST_ALTOGETHER:
            raise Invalid(
                f"A query may ask for {MOST_POINTS:,} datapoints, and all together for {MOST_ALTOGETHER:,}. You may "
                "reduce the datapoints requested by increasing Period, or decreasing the time range."
            )
        self._found: dict[str, Series] = {}
        self._under_way: list[str] = []

    def series(self, id: str) -> Series:
        if id not in self._found:
            if id in self._under_way:
                raise Invalid(f"Error in expression '{id}': it refers to itself.")
            self._under_way.append(id)
            query = self._queries[id]
            self._found[id] = self._worked_out(query) if query.get("Expression") else self._read(query)
            self._under_way.pop()
        return self._found[id]

    def _worked_out(self, query: Query) -> Series:
        def named(id: str) -> Series:
            if id not in self._queries:
                raise Invalid(f"Error in expression '{query['Id']}': no query has the Id {id}.")
            return self.series(id)

        over = max(self._ranges.values(), key=lambda over: over.period, default=None)
        times = range(over.start, over.end, over.period) if over is not None else ()
        return expressions.evaluated(query["Expression"], query["Id"], named, times)

    def _read(self, query: Query) -> Series:
        wanted, over = query["MetricStat"], self._ranges[query["Id"]]
        statistic = statistics.named(wanted["Stat"])
        if statistic is None:
            raise Invalid(f"The value {wanted['Stat']} for parameter MetricStat.Stat is not a statistic.")
        metric = naming.metric(self._call.home, wanted["Metric"], "MetricStat.Metric.")
        samples = self._metrics.read(metric, over.start, over.end)
        of_unit = (sample for sample in samples if wanted.get("Unit") in (None, sample.unit))
        found = ((at, statistic(summary)) for at, summary in ranges.in_periods(of_unit, over))
        return {at: value for at, value in found if value is not None}

    def _range(self, period: int) -> Range:
        return ranges.asked(self._request["StartTime"], self._request["EndTime"], period, self._call.now)


def _check(queries: Sequence[Query]) -> None:
    if len(queries) > MOST_QUERIES:
        raise Invalid(f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}.")
    ids = [query["Id"] for query in queries]
    if len(set(ids)) < len(ids):
        raise Invalid("The values for parameter Id in MetricDataQueries must be unique.")
    for query in queries:
        if _ID.fullmatch(query["Id"]) is None:
            raise Invalid(
                f"The value {query['Id']!a} for parameter Id is invalid: it must begin with a lower case letter, and "
                "hold letters, digits and underscores alone."
            )
        if bool(query.get("Expression")) is bool(query.get("MetricStat")):
            raise Invalid(f"Either Expression or MetricStat must be specified for the query {query['Id']}, not both.")


def _label(query: Query) -> str:
    label = query.get("Label")
    return str(label or (query["Id"] if query.get("Expression") else query["MetricStat"]["Metric"].get("MetricName")))


def page(found: Sequence[Result], first: int, most: int) -> tuple[list[dict[str, Any]], int | None]:
    """Results with the points from number `first` on, counted over all of them; the next page's first, if any."""
    shown = list(_shown(found, first, first + most))
    total = sum(len(result.points) for result in found)
    return shown, first + most if first + most < total else None


def _shown(found: Sequence[Result], first: int, end: int) -> Iterator[dict[str, Any]]:
    """Those without any point are on the first page."""
    at = 0
    for result in found:
        points = result.points[max(0, first - at) : max(0, end - at)]
        if points or (not result.points and first == 0):
            yield {
                "Id": result.id,
                "Label": result.label,
                "Timestamps": [datetime.fromtimestamp(moment, UTC) for moment, _ in points],
                "Values": [value for _, value in points],
                "StatusCode": "PartialData" if at + len(result.points) > end else "Complete",
            }
        at += len(result.points)
