"""Metrics that a test puts, at the time that the test's clock shows."""

from datetime import datetime, timedelta
from typing import Any

from inprocess import BEGINNING

NAMESPACE = "Demo"
LATER = BEGINNING + timedelta(minutes=10)


def at(minutes: float) -> datetime:
    """So many minutes before the test began."""
    return BEGINNING - timedelta(minutes=minutes)


def put(cloudwatch: Any, name: str, value: float, minutes: float = 0, **members: Any) -> None:
    told = {"MetricName": name, "Value": value, "Timestamp": at(minutes), **members}
    cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[told])


def stats(cloudwatch: Any, name: str, *wanted: str, hour: float = 60, **members: Any) -> list[dict[str, Any]]:
    """Of the last hour, by the minute unless told otherwise."""
    asked: dict[str, Any] = {
        "Namespace": NAMESPACE,
        "MetricName": name,
        "StartTime": at(hour),
        "EndTime": LATER,
        "Period": 60,
        **({"Statistics": list(wanted)} if wanted else {}),
        **members,
    }
    return list(cloudwatch.get_metric_statistics(**asked)["Datapoints"])


def dimensions(**given: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in given.items()]
