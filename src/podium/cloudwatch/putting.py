"""PutMetricData's rules, and what they let into the journal.

Source: Amazon CloudWatch API Reference, PutMetricData, MetricDatum, StatisticSet.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from podium.cloudwatch import naming
from podium.cloudwatch.errors import InvalidCombination, InvalidValue, Missing
from podium.cloudwatch.service import cloudwatch
from podium.journals import summaries
from podium.journals.metrics import Sample
from podium.journals.summaries import Summary
from podium.kernel.call import Call

Given = Mapping[str, Any]
MOST_METRICS, MOST_VALUES = 1000, 150
LARGEST = 2.0**360
EARLIEST, LATEST = timedelta(weeks=2), timedelta(hours=2)
RESOLUTIONS = (1, 60)  # seconds


def samples(call: Call, request: Given) -> list[Sample]:
    """What is to be kept. Raises what CloudWatch does."""
    if request["Namespace"].startswith("AWS/"):
        raise InvalidValue(f"The value {request['Namespace']} for parameter Namespace is invalid.")
    given = list(_listed(request))
    if not given:
        raise Missing("MetricData")
    if len(given) > MOST_METRICS:
        raise InvalidValue(f"The collection MetricData must not have a size greater than {MOST_METRICS}.")
    made = (_sample(call, request["Namespace"], at, datum) for at, datum in given)
    return [sample for sample in made if sample is not None]


def _listed(request: Given) -> Iterator[tuple[str, Given]]:
    """Every datum, and where in the request it is."""
    for number, datum in enumerate(request.get("MetricData") or (), 1):
        yield f"MetricData.member.{number}.", datum
    for number, one in enumerate(request.get("EntityMetricData") or (), 1):
        for inner, datum in enumerate(one.get("MetricData") or (), 1):
            yield f"EntityMetricData.member.{number}.MetricData.member.{inner}.", datum


def _sample(call: Call, namespace: str, at: str, datum: Given) -> Sample | None:
    """None of a datum that says that nothing was measured."""
    metric = naming.metric(call.home, {**datum, "Namespace": namespace}, at)
    unit = datum.get("Unit") or "None"
    if unit not in _units():
        raise InvalidValue(f"The parameter {at}Unit must be a value in the set [ {', '.join(_units())} ].")
    resolution = datum.get("StorageResolution") or 60
    if resolution not in RESOLUTIONS:
        raise InvalidValue(f"The value {resolution} for parameter {at}StorageResolution is invalid.")
    moment = int(_moment(call.now, at, datum.get("Timestamp")).timestamp())
    summary = _summary(at, datum)
    return Sample(metric, moment // resolution * resolution, unit, summary) if summary is not None else None


def _units() -> Sequence[str]:
    listed: Sequence[str] = getattr(cloudwatch.model.shape_for("StandardUnit"), "enum", ())
    return listed


def _moment(now: datetime, at: str, given: datetime | None) -> datetime:
    if given is None:
        return now
    if given < now - EARLIEST:
        raise InvalidValue(f"The parameter {at}Timestamp must specify a time within the past two weeks.")
    if given > now + LATEST:
        raise InvalidValue(f"The parameter {at}Timestamp must specify a time no more than two hours in the future.")
    return given


def _summary(at: str, datum: Given) -> Summary | None:
    ways = [name for name in ("Value", "Values", "StatisticValues") if datum.get(name) not in (None, [])]
    if not ways:
        raise InvalidCombination(f"At least one of the parameters {at}Value, Values and StatisticValues must be given.")
    if len(ways) > 1:
        raise InvalidCombination(
            f"The parameters {at}{ways[0]} and {at}{ways[1]} are mutually exclusive and you have specified both."
        )
    if ways == ["StatisticValues"]:
        return _of_statistics(f"{at}StatisticValues.", datum["StatisticValues"])
    return _of_values(at, datum)


def _of_values(at: str, datum: Given) -> Summary | None:
    if datum.get("Value") is not None:
        return summaries.of_values([(_number(f"{at}Value", datum["Value"]), 1.0)])
    values, counts = datum["Values"], datum.get("Counts") or [1.0] * len(datum["Values"])
    if len(values) > MOST_VALUES:
        raise InvalidValue(f"The collection {at}Values must not have a size greater than {MOST_VALUES}.")
    if len(values) != len(counts):
        raise InvalidValue(f"The parameters {at}Values and {at}Counts must be of the same size.")
    numbers = [_number(f"{at}Values.member.{n}", value) for n, value in enumerate(values, 1)]
    often = [_count(f"{at}Counts.member.{n}", count) for n, count in enumerate(counts, 1)]
    pairs = [(value, count) for value, count in zip(numbers, often, strict=True) if count]
    return summaries.of_values(pairs) if pairs else None


def _of_statistics(at: str, given: Given) -> Summary | None:
    count = _count(f"{at}SampleCount", given["SampleCount"])
    total, least, most = (_number(f"{at}{name}", given[name]) for name in ("Sum", "Minimum", "Maximum"))
    if least > most:
        raise InvalidCombination(f"The parameter {at}Maximum must be greater than or equal to {at}Minimum.")
    return summaries.of_statistics(count, total, least, most) if count else None


def _number(parameter: str, value: float) -> float:
    if not isfinite(value) or abs(value) > LARGEST:
        raise InvalidValue(f"The value {_written(value)} for parameter {parameter} is invalid.")
    return float(value)


def _count(parameter: str, value: float) -> float:
    if _number(parameter, value) < 0:
        raise InvalidValue(f"The value {_written(value)} for parameter {parameter} is invalid.")
    return float(value)


def _written(value: float) -> str:
    """As AWS repeats what is no number."""
    return "NaN" if value != value else str(value).replace("inf", "Infinity")
