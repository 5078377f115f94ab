"""GetMetricStatistics and DescribeAlarmsForMetric as a boto3 client sees them."""

from datetime import timedelta
from typing import Any

import pytest

from cloudwatch.metrics_put import LATER, NAMESPACE, at, dimensions, put, stats
from inprocess import BEGINNING, Plane, refused


@pytest.fixture
def cloudwatch(plane: Plane) -> Any:
    return plane.client("cloudwatch")


def sums(cloudwatch: Any, name: str = "Load", **asked: Any) -> dict[Any, float]:
    return {point["Timestamp"]: point["Sum"] for point in stats(cloudwatch, name, "Sum", **asked)}


def test_a_period_holds_what_was_measured_in_it(cloudwatch: Any) -> None:
    for minutes in range(10):
        put(cloudwatch, "Load", 1.0, minutes)
    assert sums(cloudwatch, Period=300) == {at(10): 4.0, at(5): 5.0, at(0): 1.0}


def test_periods_begin_at_the_start_of_the_range(cloudwatch: Any) -> None:
    """AWS's own example, of an hour's period from 23:18 on, answers with points at :18."""
    put(cloudwatch, "Load", 1.0, 30)
    put(cloudwatch, "Load", 1.0, 10)
    start = at(42) + timedelta(seconds=17)
    assert sums(cloudwatch, Period=3600, StartTime=start) == {at(42): 2.0}


def test_the_end_is_not_in_the_range_and_the_start_is(cloudwatch: Any) -> None:
    put(cloudwatch, "Load", 1.0, 5)
    assert sums(cloudwatch, StartTime=at(5), EndTime=at(4)) == {at(5): 1.0}
    assert sums(cloudwatch, StartTime=at(6), EndTime=at(5)) == {}


def test_seconds_are_told_apart_where_they_were_kept(cloudwatch: Any) -> None:
    for seconds in (0, 10, 11):
        put(cloudwatch, "Fine", 1.0, 5 - seconds / 60, StorageResolution=1)
        put(cloudwatch, "Coarse", 1.0, 5 - seconds / 60)
    assert sums(cloudwatch, "Fine", Period=10) == {at(5): 1.0, at(5) + timedelta(seconds=10): 2.0}
    assert sums(cloudwatch, "Fine", Period=1, StartTime=at(6)) == {
        at(5) + timedelta(seconds=n): 1.0 for n in (0, 10, 11)
    }
    assert sums(cloudwatch, "Coarse", Period=10) == {at(5): 3.0}


def test_units_are_told_apart(cloudwatch: Any) -> None:
    put(cloudwatch, "Load", 1.0, 5, Unit="Seconds")
    put(cloudwatch, "Load", 2.0, 5, Unit="Bytes")
    found = {point["Unit"]: point["Sum"] for point in stats(cloudwatch, "Load", "Sum")}
    assert found == {"Seconds": 1.0, "Bytes": 2.0}
    [point] = stats(cloudwatch, "Load", "Sum", Unit="Bytes")
    assert (point["Unit"], point["Sum"]) == ("Bytes", 2.0)
    assert stats(cloudwatch, "Load", "Sum", Unit="Percent") == []


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        ("p0", 1.0),
        ("p10", 1.0),
        ("p50", 5.0),
        ("p100", 100.0),
        ("tm90", 5.0),
        ("TM(10%:90%)", 5.5),
        ("TM(:9)", 5.0),
        ("tc90", 9.0),
        ("ts90", 45.0),
        ("TS(2:4)", 9.0),
        ("wm90", 5.4),
        ("WM(:9)", 5.4),
        ("PR(:3)", 30.0),
        ("PR(3:)", 80.0),
        ("IQM", 5.5),
    ],
)
def test_extended_statistics(cloudwatch: Any, statistic: str, value: float) -> None:
    """Of 1 to 9, and 100."""
    for number in (*range(1, 10), 100):
        put(cloudwatch, "Load", float(number), 5)
    [point] = stats(cloudwatch, "Load", ExtendedStatistics=[statistic])
    assert point["ExtendedStatistics"] == {statistic: pytest.approx(value)}


@pytest.mark.parametrize("statistic", ["p101", "q50", "Sum", "TM(1:2%)", "PR(:)", "PR(1%:2%)", "TM(9:1)", "TM(1.1.1:)"])
def test_a_statistic_that_there_is_not_is_refused(cloudwatch: Any, statistic: str) -> None:
    sentence = f"The value {statistic} for parameter ExtendedStatistics.member.1 is invalid."
    with refused("InvalidParameterValue", sentence):
        stats(cloudwatch, "Load", ExtendedStatistics=[statistic])


def test_too_many_points_are_refused(cloudwatch: Any) -> None:
    assert stats(cloudwatch, "Load", "Sum", StartTime=at(1440), EndTime=at(0)) == []
    sentence = (
        "You have requested up to 10,080 datapoints, which exceeds the limit of 1,440. You may reduce the datapoints "
        "requested by increasing Period, or decreasing the time range."
    )
    with refused("InvalidParameterCombination", sentence):
        stats(cloudwatch, "Load", "Sum", StartTime=at(7 * 1440), EndTime=at(0))


def test_a_range_has_a_start_before_its_end(cloudwatch: Any) -> None:
    with refused("InvalidParameterCombination", "The parameter StartTime must be less than the parameter EndTime."):
        stats(cloudwatch, "Load", "Sum", EndTime=at(60))


def test_some_statistic_must_be_asked_for_of_one_kind(cloudwatch: Any) -> None:
    with refused(
        "InvalidParameterCombination",
        "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
    ):
        stats(cloudwatch, "Load")
    with refused("InvalidParameterCombination"):
        stats(cloudwatch, "Load", "Sum", ExtendedStatistics=["p50"])
    with refused("InvalidParameterValue"):
        stats(cloudwatch, "Load", "Total")


@pytest.mark.parametrize("period", [2, 45, 90])
def test_a_period_is_short_or_of_whole_minutes(cloudwatch: Any, period: int) -> None:
    with refused("InvalidParameterValue"):
        stats(cloudwatch, "Load", "Sum", Period=period)


def test_what_was_measured_long_ago_is_asked_for_in_coarser_steps(plane: Plane, cloudwatch: Any) -> None:
    put(cloudwatch, "Load", 1.0, 3)
    plane.clock.time += timedelta(days=16)
    assert sums(cloudwatch, StartTime=at(4), EndTime=at(0), Period=60) == {at(3): 1.0}
    assert sums(cloudwatch, StartTime=at(4), EndTime=at(0), Period=300) == {at(5): 1.0}


def test_alarms_of_a_metric_are_found_by_it(cloudwatch: Any) -> None:
    one: dict[str, Any] = {
        "Namespace": NAMESPACE,
        "MetricName": "Load",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    cloudwatch.put_metric_alarm(AlarmName="b", Statistic="Sum", **one)
    cloudwatch.put_metric_alarm(AlarmName="a", Statistic="Average", Dimensions=dimensions(Zone="z", Host="h"), **one)
    cloudwatch.put_metric_alarm(AlarmName="c", Statistic="Average", **{**one, "MetricName": "Other"})

    def found(**asked: Any) -> list[str]:
        told = cloudwatch.describe_alarms_for_metric(Namespace=NAMESPACE, MetricName="Load", **asked)
        return [alarm["AlarmName"] for alarm in told["MetricAlarms"]]

    assert found() == ["b"]
    assert found(Dimensions=dimensions(Host="h", Zone="z")) == ["a"]
    assert found(Dimensions=dimensions(Host="h")) == []
    assert found(Statistic="Sum", Period=60) == ["b"]
    assert found(Statistic="Average") == []


def test_reading_asks_for_times_of_ones_own(cloudwatch: Any) -> None:
    put(cloudwatch, "Load", 1.0)
    assert sums(cloudwatch, StartTime=BEGINNING, EndTime=LATER) == {BEGINNING: 1.0}
