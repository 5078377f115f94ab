"""Metric filters: what matches becomes a metric, with its values, dimensions and defaults."""

import json
from datetime import timedelta
from typing import Any

import pytest

from inprocess import refused
from logs.streams import GROUP, Streams


def count(web: Streams, name: str, pattern: str, value: str = "1", **members: Any) -> None:
    made = {"metricName": name, "metricNamespace": "Demo", "metricValue": value, **members}
    web.logs.put_metric_filter(logGroupName=GROUP, filterName=name, filterPattern=pattern, metricTransformations=[made])


def total(web: Streams, name: str, **dimensions: str) -> float | None:
    now = web.plane.clock.now()
    found = web.plane.client("cloudwatch").get_metric_statistics(
        Namespace="Demo",
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=7200,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(point["Sum"] for point in found) if found else None


def test_what_matches_is_counted(web: Streams) -> None:
    count(web, "errors", "ERROR")
    web.put("a", (-2, "ERROR a"), (-1, "fine"))
    web.put("b", (-1, "ERROR b"))
    assert total(web, "errors") == 2
    [group] = web.logs.describe_log_groups()["logGroups"]
    assert group["metricFilterCount"] == 1


def test_values_are_taken_from_events(web: Streams) -> None:
    count(web, "took", "{ $.status = 200 }", "$.ms")
    count(web, "bytes", "[ip, code = 2*, size]", "$size")
    web.put(
        "a", (-3, json.dumps({"status": 200, "ms": 12.5})), (-2, json.dumps({"status": 200})), (-1, "1.2.3.4 200 77")
    )
    assert (total(web, "took"), total(web, "bytes")) == (12.5, 77)


def test_dimensions_are_taken_from_events(web: Streams) -> None:
    count(web, "requests", "{ $.path EXISTS }", dimensions={"Path": "$.path"})
    web.put("a", *((0, json.dumps({"path": path})) for path in ("/a", "/b", "/a", "")))
    assert (total(web, "requests", Path="/a"), total(web, "requests", Path="/b")) == (2, 1)
    assert total(web, "requests") is None


def test_a_default_counts_where_nothing_matched(web: Streams) -> None:
    count(web, "errors", "ERROR", "5", defaultValue=0)
    assert total(web, "errors") is None
    web.put("a", (0, "fine"))
    assert total(web, "errors") == 0
    web.put("a", (0, "ERROR"))
    assert total(web, "errors") == 5


def test_filters_are_shown_and_deleted(web: Streams) -> None:
    count(web, "one", "a", unit="Seconds")
    count(web, "two", "b", defaultValue=1.5)
    shown = web.logs.describe_metric_filters()["metricFilters"]
    assert [one["filterName"] for one in shown] == ["one", "two"]
    assert shown[1]["metricTransformations"] == [
        {"metricName": "two", "metricNamespace": "Demo", "metricValue": "1", "defaultValue": 1.5, "unit": "None"}
    ]
    by_metric = web.logs.describe_metric_filters(metricName="one", metricNamespace="Demo")["metricFilters"]
    assert [one["logGroupName"] for one in by_metric] == [GROUP]
    assert web.logs.describe_metric_filters(logGroupName=GROUP, filterNamePrefix="x")["metricFilters"] == []
    with refused("InvalidParameterException"):
        web.logs.describe_metric_filters(metricName="one")
    web.logs.delete_metric_filter(logGroupName=GROUP, filterName="one")
    with refused("ResourceNotFoundException", "The specified metric filter does not exist."):
        web.logs.delete_metric_filter(logGroupName=GROUP, filterName="one")
    web.logs.delete_log_group(logGroupName=GROUP)
    assert web.logs.describe_metric_filters()["metricFilters"] == []


@pytest.mark.parametrize(
    ("pattern", "members"),
    [
        ("{", {}),
        ("a", {"value": "many"}),
        ("a", {"defaultValue": 1e305}),
        ("a", {"dimensions": {"a": "b"}, "defaultValue": 1}),
        ("a", {"dimensions": dict.fromkeys("abcd", "x")}),
    ],
)
def test_filters_that_cannot_be_are_refused(web: Streams, pattern: str, members: dict[str, Any]) -> None:
    with refused("InvalidParameterException"):
        count(web, "x", pattern, **members)
