"""PutMetricData and ListMetrics as a boto3 client sees them."""

from datetime import timedelta
from typing import Any

import pytest

from cloudwatch.metrics_put import NAMESPACE, at, dimensions, put, stats
from cloudwatch.test_alarms import ask
from inprocess import BEGINNING, Plane, refused

FIRST = "MetricData.member.1."


@pytest.fixture
def cloudwatch(plane: Plane) -> Any:
    return plane.client("cloudwatch")


def listed(cloudwatch: Any, **asked: Any) -> list[str]:
    return [metric["MetricName"] for metric in cloudwatch.list_metrics(**asked)["Metrics"]]


def test_a_value_is_read_as_every_statistic(cloudwatch: Any) -> None:
    put(cloudwatch, "Load", 3.0, 5)
    put(cloudwatch, "Load", 5.0, 5)
    [point] = stats(cloudwatch, "Load", "SampleCount", "Sum", "Average", "Minimum", "Maximum")
    assert point == {
        "Timestamp": at(5),
        "SampleCount": 2.0,
        "Sum": 8.0,
        "Average": 4.0,
        "Minimum": 3.0,
        "Maximum": 5.0,
        "Unit": "None",
    }


def test_without_a_time_it_is_now(cloudwatch: Any) -> None:
    cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[{"MetricName": "Load", "Value": 1}])
    [point] = stats(cloudwatch, "Load", "Sum")
    assert point["Timestamp"] == BEGINNING


def test_values_come_as_often_as_their_counts_say(cloudwatch: Any) -> None:
    told = {"MetricName": "Load", "Values": [1.0, 10.0, 100.0], "Counts": [90.0, 9.0, 1.0], "Timestamp": at(1)}
    cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[told])
    [point] = stats(cloudwatch, "Load", ExtendedStatistics=["p50", "p95", "p99.9"])
    assert point["ExtendedStatistics"] == {"p50": 1.0, "p95": 10.0, "p99.9": 100.0}


def test_a_set_of_statistics_has_no_percentiles_unless_all_its_values_are_one(cloudwatch: Any) -> None:
    wide = {"SampleCount": 4, "Sum": 20, "Minimum": 2, "Maximum": 9}
    cloudwatch.put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {"MetricName": "Wide", "StatisticValues": wide},
            {"MetricName": "One", "StatisticValues": {"SampleCount": 4, "Sum": 8, "Minimum": 2, "Maximum": 2}},
        ],
    )
    [point] = stats(cloudwatch, "Wide", "Average")
    assert point["Average"] == 5.0
    [point] = stats(cloudwatch, "Wide", ExtendedStatistics=["p90"])
    assert point["ExtendedStatistics"] == {}
    [point] = stats(cloudwatch, "One", ExtendedStatistics=["p90"])
    assert point["ExtendedStatistics"] == {"p90": 2.0}


def test_entities_may_be_named_and_their_metrics_are_kept(cloudwatch: Any) -> None:
    told = [
        {"Entity": {"KeyAttributes": {"Type": "Service", "Name": "w"}}, "MetricData": [{"MetricName": "E", "Value": 1}]}
    ]
    cloudwatch.put_metric_data(Namespace=NAMESPACE, EntityMetricData=told)
    assert listed(cloudwatch) == ["E"]


VALUE, COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"
REFUSED: list[tuple[dict[str, Any], str, str | None]] = [
    ({}, COMBINATION, f"At least one of the parameters {FIRST}Value, Values and StatisticValues must be given."),
    (
        {"Value": 1, "Values": [1.0]},
        COMBINATION,
        f"The parameters {FIRST}Value and {FIRST}Values are mutually exclusive and you have specified both.",
    ),
    (
        {"Values": [1.0, 2.0], "Counts": [1.0]},
        VALUE,
        f"The parameters {FIRST}Values and {FIRST}Counts must be of the same size.",
    ),
    ({"Value": float("nan")}, VALUE, f"The value NaN for parameter {FIRST}Value is invalid."),
    ({"Values": [float("inf")]}, VALUE, f"The value Infinity for parameter {FIRST}Values.member.1 is invalid."),
    ({"Value": 2.0**361}, VALUE, None),
    ({"Values": [1.0], "Counts": [-1.0]}, VALUE, f"The value -1.0 for parameter {FIRST}Counts.member.1 is invalid."),
    (
        {"Values": [float(n) for n in range(151)]},
        VALUE,
        f"The collection {FIRST}Values must not have a size greater than 150.",
    ),
    (
        {"Value": 1, "Timestamp": BEGINNING - timedelta(days=15)},
        VALUE,
        f"The parameter {FIRST}Timestamp must specify a time within the past two weeks.",
    ),
    (
        {"Value": 1, "Timestamp": BEGINNING + timedelta(hours=3)},
        VALUE,
        f"The parameter {FIRST}Timestamp must specify a time no more than two hours in the future.",
    ),
    ({"Value": 1, "StorageResolution": 5}, VALUE, f"The value 5 for parameter {FIRST}StorageResolution is invalid."),
    ({"Value": 1, "Unit": "Apples"}, VALUE, None),
    ({"Value": 1, "Dimensions": dimensions(**{f"d{n}": "x" for n in range(31)})}, "ValidationError", None),
    ({"Value": 1, "Dimensions": dimensions(a="ä")}, VALUE, None),
    ({"Value": 1, "Dimensions": dimensions(a="1") * 2}, VALUE, None),
    ({"StatisticValues": {"SampleCount": 1, "Sum": 1, "Minimum": 2, "Maximum": 1}}, COMBINATION, None),
]


@pytest.mark.parametrize(("members", "code", "sentence"), REFUSED)
def test_what_is_no_measurement_is_refused(
    cloudwatch: Any, members: dict[str, Any], code: str, sentence: str | None
) -> None:
    with refused(code, sentence):
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[{"MetricName": "Load", **members}])
    assert listed(cloudwatch) == []


def test_a_request_is_kept_whole_or_not_at_all(cloudwatch: Any) -> None:
    told = [{"MetricName": "Good", "Value": 1}, {"MetricName": "Bad", "Value": float("nan")}]
    with refused("InvalidParameterValue", "The value NaN for parameter MetricData.member.2.Value is invalid."):
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=told)
    assert listed(cloudwatch) == []


def test_the_namespaces_of_aws_are_its_own(cloudwatch: Any) -> None:
    with refused("InvalidParameterValue", "The value AWS/ECS for parameter Namespace is invalid."):
        cloudwatch.put_metric_data(Namespace="AWS/ECS", MetricData=[{"MetricName": "Load", "Value": 1}])


def test_something_must_be_put_and_not_more_than_a_thousand(cloudwatch: Any) -> None:
    with refused("MissingParameter", "The parameter MetricData must be specified."):
        cloudwatch.put_metric_data(Namespace=NAMESPACE)
    with refused("InvalidParameterValue", "The collection MetricData must not have a size greater than 1000."):
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[{"MetricName": "L", "Value": 1}] * 1001)


def test_what_was_measured_no_time_is_nothing(cloudwatch: Any) -> None:
    told = {"MetricName": "Load", "Values": [1.0], "Counts": [0.0]}
    cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[told])
    assert listed(cloudwatch) == []


def test_metrics_are_listed_with_their_dimensions_in_order(cloudwatch: Any) -> None:
    put(cloudwatch, "Load", 1, Dimensions=dimensions(Zone="z", Host="a"))
    assert cloudwatch.list_metrics()["Metrics"] == [
        {"Namespace": "Demo", "MetricName": "Load", "Dimensions": dimensions(Host="a", Zone="z")}
    ]
    assert listed(cloudwatch, Dimensions=[{"Name": "Zone"}]) == ["Load"]
    assert listed(cloudwatch, Dimensions=dimensions(Zone="y")) == []
    assert listed(cloudwatch, Namespace="Demo", MetricName="Load") == ["Load"]
    assert listed(cloudwatch, Namespace="Other") == []


def test_the_order_of_dimensions_makes_no_other_metric(cloudwatch: Any) -> None:
    put(cloudwatch, "Load", 1, 1, Dimensions=dimensions(Zone="z", Host="a"))
    put(cloudwatch, "Load", 2, 1, Dimensions=dimensions(Host="a", Zone="z"))
    [point] = stats(cloudwatch, "Load", "Sum", Dimensions=dimensions(Host="a", Zone="z"))
    assert point["Sum"] == 3.0
    assert stats(cloudwatch, "Load", "Sum") == []


def test_metrics_without_data_of_late_are_not_listed(plane: Plane, cloudwatch: Any) -> None:
    put(cloudwatch, "Old", 1, 4 * 60)
    put(cloudwatch, "New", 1)
    assert listed(cloudwatch) == ["New", "Old"]
    assert listed(cloudwatch, RecentlyActive="PT3H") == ["New"]
    plane.clock.time += timedelta(days=14, hours=-2)
    assert listed(cloudwatch) == ["New"]
    with refused("InvalidParameterValue"):
        cloudwatch.list_metrics(RecentlyActive="PT9H")


def test_a_long_list_comes_in_pages(cloudwatch: Any) -> None:
    told = [{"MetricName": f"m{n:04}", "Value": 1} for n in range(1000)]
    cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=told)
    put(cloudwatch, "z", 1)
    pages = list(cloudwatch.get_paginator("list_metrics").paginate())
    assert [len(page["Metrics"]) for page in pages] == [500, 500, 1]
    with refused("InvalidNextToken"):
        cloudwatch.list_metrics(NextToken="bm90aGluZw==")


def test_another_region_has_other_metrics(plane: Plane, cloudwatch: Any) -> None:
    put(cloudwatch, "Load", 1)
    abroad = plane.client("cloudwatch", region="eu-west-1")
    assert listed(abroad) == []
    assert stats(abroad, "Load", "Sum") == []


def test_who_may_not_is_refused_and_may_be_allowed_one_namespace(plane: Plane, cloudwatch: Any) -> None:
    iam = plane.client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    hers = plane.client("cloudwatch", key=(key["AccessKeyId"], key["SecretAccessKey"]))
    with refused("AccessDeniedException"):
        hers.put_metric_data(Namespace=NAMESPACE, MetricData=[{"MetricName": "Load", "Value": 1}])
    condition = '"Condition":{"StringEquals":{"cloudwatch:namespace":"Demo"}}'
    statement = f'{{"Effect":"Allow","Action":"cloudwatch:PutMetricData","Resource":"*",{condition}}}'
    iam.put_user_policy(
        UserName="ann", PolicyName="put", PolicyDocument=f'{{"Version":"2012-10-17","Statement":[{statement}]}}'
    )
    put(hers, "Load", 1)
    with refused("AccessDeniedException"):
        hers.put_metric_data(Namespace="Other", MetricData=[{"MetricName": "Load", "Value": 1}])
    assert listed(cloudwatch) == ["Load"]


def test_who_keeps_no_metrics_says_so(plane: Plane, cloudwatch: Any) -> None:
    plane.journals.metrics_kept = False
    with refused("NotImplemented", "This Podium was started with --metrics off, so it keeps none."):
        cloudwatch.list_metrics()


@pytest.mark.parametrize(
    ("target", "kind", "body"),
    [
        ("GraniteServiceVersion20100801.ListMetrics", "application/x-amz-json-1.0", b'{"Namespace":"Demo"}'),
        (None, "application/x-www-form-urlencoded", b"Action=ListMetrics&Version=2010-08-01&Namespace=Demo"),
    ],
)
def test_older_clients_protocols_are_understood(
    plane: Plane, cloudwatch: Any, target: str | None, kind: str, body: bytes
) -> None:
    put(cloudwatch, "Load", 1)
    headers = {"content-type": kind, **({"x-amz-target": target} if target else {})}
    assert b"Load" in ask(plane, headers, body)
