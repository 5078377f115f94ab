"""Metrics: putting and listing them, and reading their statistics. Nothing of this is in a record."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from podium.cloudwatch import naming, putting, queries, ranges, rules, statistics
from podium.cloudwatch.errors import Invalid, InvalidCombination, InvalidNextToken, InvalidValue, MetricsOff
from podium.cloudwatch.service import cloudwatch
from podium.journals.kept import Journals
from podium.journals.metrics import Metric, Metrics, Wanted
from podium.journals.summaries import Summary
from podium.kernel import pages
from podium.kernel.call import Call

MOST_LISTED = 500
MOST_POINTS = 1440
LISTED_FOR = 14 * 86_400  # seconds
RECENTLY = 3 * 3600


@cloudwatch.operation(journal=True)
def put_metric_data(call: Call, journals: Journals, request: dict[str, Any]) -> dict[str, Any]:
    """Answered once it is durable; on AWS it takes minutes to be seen."""
    if samples := putting.samples(call, request):
        _kept(journals).append(samples).result()
    return {}


@cloudwatch.operation(journal=True)
def list_metrics(call: Call, journals: Journals, request: dict[str, Any]) -> dict[str, Any]:
    """Those with data in the last two weeks, or three hours."""
    recently = request.get("RecentlyActive")
    if recently not in (None, "PT3H"):
        raise InvalidValue(f"The value {recently} for parameter RecentlyActive is invalid: it must be PT3H.")
    asked = naming.metric(call.home, request)  # of which each part may be missing
    values = {one["Name"]: one.get("Value") for one in request.get("Dimensions") or ()}
    wanted = Wanted(
        home=call.home,
        namespace=asked.namespace or None,
        name=asked.name or None,
        dimensions=tuple(values.items()),
        active_since=int(call.now.timestamp()) - (RECENTLY if recently else LISTED_FOR),
    )
    found = _kept(journals).list(wanted, _after(call.home, request.get("NextToken")), MOST_LISTED + 1)
    shown = {"Metrics": [naming.shown(metric) for metric in found[:MOST_LISTED]]}
    return {**shown, "NextToken": _token(found[MOST_LISTED - 1])} if len(found) > MOST_LISTED else shown


@cloudwatch.operation(journal=True)
def get_metric_statistics(call: Call, journals: Journals, request: dict[str, Any]) -> dict[str, Any]:
    """Data of different units are told apart, unless one is asked for."""
    wanted, extended = request.get("Statistics") or (), request.get("ExtendedStatistics") or ()
    rules.words(request)
    _check_statistics(wanted, extended)
    over = ranges.asked(request["StartTime"], request["EndTime"], request["Period"], call.now)
    if over.end <= over.start:
        raise InvalidCombination("The parameter StartTime must be less than the parameter EndTime.")
    if over.points > MOST_POINTS:
        raise InvalidCombination(
            f"You have requested up to {over.points:,} datapoints, which exceeds the limit of {MOST_POINTS:,}. You may "
            "reduce the datapoints requested by increasing Period, or decreasing the time range."
        )
    metric = naming.metric(call.home, request)
    found = _by_unit(_kept(journals), metric, over, request.get("Unit"))
    points = [_point(at, unit, summary, wanted, extended) for at, unit, summary in found]
    return {"Label": request["MetricName"], "Datapoints": points}


@cloudwatch.operation(journal=True)
def get_metric_data(call: Call, journals: Journals, request: dict[str, Any]) -> dict[str, Any]:
    """Newest first, unless asked otherwise."""
    rules.words(request)
    if request["EndTime"] <= request["StartTime"]:
        raise Invalid("The parameter StartTime must be less than the parameter EndTime.")
    most = request.get("MaxDatapoints") or queries.MOST_POINTS
    if not 1 <= most <= queries.MOST_POINTS:
        raise Invalid(f"The value {most} for parameter MaxDatapoints is invalid: it is at most {queries.MOST_POINTS}.")
    found = queries.results(call, _kept(journals), request)
    shown, following = queries.page(found, _first(request.get("NextToken")), most)
    answer: dict[str, Any] = {"MetricDataResults": shown, "Messages": []}
    return {**answer, "NextToken": pages.token_of(str(following))} if following is not None else answer


def _kept(journals: Journals) -> Metrics:
    if journals.metrics is None:
        raise MetricsOff
    return journals.metrics


def _check_statistics(wanted: tuple[str, ...], extended: tuple[str, ...]) -> None:
    if not wanted and not extended:
        raise InvalidCombination("At least one of the parameters Statistics and ExtendedStatistics must be specified.")
    if wanted and extended:
        raise InvalidCombination("The parameters Statistics and ExtendedStatistics are mutually exclusive.")
    for number, name in enumerate(wanted, 1):
        if name not in statistics.SIMPLE:
            allowed = ", ".join(statistics.SIMPLE)
            raise InvalidValue(f"The parameter Statistics.member.{number} must be a value in the set [ {allowed} ].")
    for number, name in enumerate(extended, 1):
        if name in statistics.SIMPLE or statistics.named(name) is None:
            raise InvalidValue(f"The value {name} for parameter ExtendedStatistics.member.{number} is invalid.")


def _by_unit(
    metrics: Metrics, metric: Metric, over: ranges.Range, unit: str | None
) -> Iterator[tuple[int, str, Summary]]:
    """In order of time."""
    found: dict[tuple[int, str], Summary] = {}
    for sample in metrics.read(metric, over.start, over.end):
        if unit in (None, sample.unit):
            key = ranges.beginning(over, sample.at), sample.unit
            found[key] = found[key] + sample.summary if key in found else sample.summary
    return ((at, of, summary) for (at, of), summary in found.items())


def _point(at: int, unit: str, summary: Summary, wanted: tuple[str, ...], extended: tuple[str, ...]) -> dict[str, Any]:
    known = ((name, statistics.named(name)) for name in (*wanted, *extended))
    values = {name: value for name, how in known if how is not None and (value := how(summary)) is not None}
    more = {"ExtendedStatistics": {name: values[name] for name in extended if name in values}} if extended else {}
    simple = {name: values[name] for name in wanted}
    return {"Timestamp": datetime.fromtimestamp(at, UTC), **simple, **more, "Unit": unit}


def _token(last: Metric) -> str:
    return pages.token_of(json.dumps((last.namespace, last.name, last.dimensions)))


def _after(home: str, token: str | None) -> Metric | None:
    if not token:
        return None
    try:
        namespace, name, dimensions = json.loads(pages.read(token))
        return Metric(home, str(namespace), str(name), tuple((str(key), str(value)) for key, value in dimensions))
    except (pages.NotAToken, ValueError, TypeError) as error:
        raise InvalidNextToken from error


def _first(token: str | None) -> int:
    try:
        return abs(int(pages.read(token))) if token else 0
    except (pages.NotAToken, ValueError) as error:
        raise InvalidNextToken from error
