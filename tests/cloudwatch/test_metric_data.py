"""GetMetricData as a boto3 client sees it: queries, metric math, pages."""

from typing import Any

import pytest

from cloudwatch.metrics_put import LATER, NAMESPACE, at, put
from inprocess import Plane, refused


@pytest.fixture
def cloudwatch(plane: Plane) -> Any:
    """Two metrics: `Errors` at two of the times of `Requests`."""
    client = plane.client("cloudwatch")
    for minutes, value in ((3, 10.0), (2, 20.0), (1, 40.0)):
        put(client, "Requests", value, minutes)
    for minutes, value in ((3, 1.0), (1, 8.0)):
        put(client, "Errors", value, minutes)
    return client


def read(id: str, name: str, stat: str = "Sum", **members: Any) -> dict[str, Any]:
    metric = {"Namespace": NAMESPACE, "MetricName": name}
    return {"Id": id, "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}, **members}


BOTH = [read("m1", "Requests", ReturnData=False), read("m2", "Errors", ReturnData=False)]


def asked(cloudwatch: Any, *queries: dict[str, Any], **members: Any) -> dict[str, Any]:
    return dict(
        cloudwatch.get_metric_data(
            **{
                "MetricDataQueries": list(queries),
                "StartTime": at(4),
                "EndTime": at(0),
                "ScanBy": "TimestampAscending",
                **members,
            }
        )
    )


def worked_out(cloudwatch: Any, expression: str) -> dict[int, float]:
    """By how many minutes ago."""
    told = asked(cloudwatch, *BOTH, {"Id": "e1", "Expression": expression})
    [result] = told["MetricDataResults"]
    times = [round((at(0) - time).total_seconds() / 60) for time in result["Timestamps"]]
    return dict(zip(times, result["Values"], strict=True))


def test_metrics_are_told_with_their_labels(cloudwatch: Any) -> None:
    told = asked(cloudwatch, read("m1", "Requests"), read("m2", "Errors", "p50", Label="failed"), read("m3", "None"))
    assert told["MetricDataResults"] == [
        {
            "Id": "m1",
            "Label": "Requests",
            "Timestamps": [at(3), at(2), at(1)],
            "Values": [10.0, 20.0, 40.0],
            "StatusCode": "Complete",
        },
        {"Id": "m2", "Label": "failed", "Timestamps": [at(3), at(1)], "Values": [1.0, 8.0], "StatusCode": "Complete"},
        {"Id": "m3", "Label": "None", "Timestamps": [], "Values": [], "StatusCode": "Complete"},
    ]


def test_the_newest_comes_first_unless_asked_otherwise(cloudwatch: Any) -> None:
    [result] = asked(cloudwatch, read("m1", "Requests"), ScanBy="TimestampDescending")["MetricDataResults"]
    assert result["Values"] == [40.0, 20.0, 10.0]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("m1 + 1", {3: 11.0, 2: 21.0, 1: 41.0}),
        ("100 * m2 / m1", {3: 10.0, 1: 20.0}),
        ("(m1 - m2) * 2", {3: 18.0, 1: 64.0}),
        ("-m2", {3: -1.0, 1: -8.0}),
        ("m1 / (m1 - 10)", {2: 2.0, 1: 40 / 30}),
        ("SUM([m1, m2])", {3: 11.0, 2: 20.0, 1: 48.0}),
        ("MIN([m1, m2])", {3: 1.0, 2: 20.0, 1: 8.0}),
        ("MAX([m1, m2])", {3: 10.0, 2: 20.0, 1: 40.0}),
        ("AVG([m1, m2])", {3: 5.5, 2: 20.0, 1: 24.0}),
        ("m1 - MIN(m1)", {3: 0.0, 2: 10.0, 1: 30.0}),
        ("m1 * 0 + AVG(m2)", {3: 4.5, 2: 4.5, 1: 4.5}),
        ("RATE(m1) * 60", {2: 10.0, 1: 20.0}),
        ("FILL(m2, 0)", {4: 0.0, 3: 1.0, 2: 0.0, 1: 8.0}),
        ("FILL(m2, REPEAT)", {3: 1.0, 2: 1.0, 1: 8.0}),
        ("m1 + FILL(m2, 0)", {3: 11.0, 2: 20.0, 1: 48.0}),
    ],
)
def test_metric_math(cloudwatch: Any, expression: str, found: dict[int, float]) -> None:
    assert worked_out(cloudwatch, expression) == pytest.approx(found)


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("m9 + 1", "Error in expression 'e1': no query has the Id m9."),
        ("e1 + 1", "Error in expression 'e1': it refers to itself."),
        ("m1 +", "Error in expression 'e1': it cannot be read."),
        ("(" * 900 + "m1" + ")" * 900, "Error in expression 'e1': it cannot be read."),
        ("-" * 2000 + "m1", None),
        ("SUM(m1)", "Error in expression 'e1': it gives one number, and must give one series."),
        ("[m1, m2]", "Error in expression 'e1': it gives several series, and must give one series."),
        ("m1 + 1 / 0", "Error in expression 'e1': it divides by zero."),
        ("m1 > 5", None),
        (f"m1 * {10**400}", None),
        ("SEARCH('{Demo}', 'Sum')", None),
        ("FILL(m1, LINEAR)", None),
        ("__import__('os')", None),
        ("m1.keys", None),
        ("True", None),
    ],
)
def test_other_math_is_refused(cloudwatch: Any, expression: str, sentence: str | None) -> None:
    with refused("ValidationError", sentence) as answer:
        worked_out(cloudwatch, expression)
    assert answer["Error"]["Message"].startswith("Error in expression 'e1'")


def test_an_expression_may_build_on_another(cloudwatch: Any) -> None:
    queries = [{"Id": "e2", "Expression": "e1 * 2"}, {"Id": "e1", "Expression": "m1 + 1", "ReturnData": False}]
    [result] = asked(cloudwatch, *BOTH, *queries)["MetricDataResults"]
    assert (result["Id"], result["Label"], result["Values"]) == ("e2", "e2", [22.0, 42.0, 82.0])


def test_points_come_in_pages_that_say_what_is_partial(cloudwatch: Any) -> None:
    queries = (read("m1", "Requests"), read("m2", "Errors"))
    first = asked(cloudwatch, *queries, MaxDatapoints=2)
    assert [(r["Id"], r["Values"], r["StatusCode"]) for r in first["MetricDataResults"]] == [
        ("m1", [10.0, 20.0], "PartialData")
    ]
    second = asked(cloudwatch, *queries, MaxDatapoints=2, NextToken=first["NextToken"])
    assert [(r["Id"], r["Values"], r["StatusCode"]) for r in second["MetricDataResults"]] == [
        ("m1", [40.0], "Complete"),
        ("m2", [1.0], "PartialData"),
    ]
    third = asked(cloudwatch, *queries, MaxDatapoints=2, NextToken=second["NextToken"])
    assert [(r["Id"], r["Values"]) for r in third["MetricDataResults"]] == [("m2", [8.0])]
    assert "NextToken" not in third
    with refused("InvalidNextToken"):
        asked(cloudwatch, *queries, NextToken="!")


@pytest.mark.parametrize(
    "queries",
    [
        [read("M1", "Requests")],
        [read("m1", "Requests"), read("m1", "Errors")],
        [{"Id": "m1"}],
        [read("m1", "Requests", Expression="m1")],
        [read("m1", "Requests", "Total")],
        [read(f"m{n}", "Requests") for n in range(501)],
    ],
)
def test_queries_that_are_none_are_refused(cloudwatch: Any, queries: list[dict[str, Any]]) -> None:
    with refused("ValidationError"):
        asked(cloudwatch, *queries)


def test_a_range_has_a_start_before_its_end(cloudwatch: Any) -> None:
    with refused("ValidationError", "The parameter StartTime must be less than the parameter EndTime."):
        asked(cloudwatch, read("m1", "Requests"), StartTime=LATER)


def test_too_long_a_range_is_refused(cloudwatch: Any) -> None:
    with refused("ValidationError") as answer:
        asked(cloudwatch, read("m1", "Requests"), StartTime=at(150_000))
    assert "may ask for 100,800 datapoints" in answer["Error"]["Message"]


def test_what_is_no_number_any_more_is_left_out(cloudwatch: Any) -> None:
    assert worked_out(cloudwatch, f"m1 * {10**300} * {10**10}") == {}
