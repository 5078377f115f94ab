"""Metrics as requests name them, and as answers do."""

from collections.abc import Iterable, Mapping
from typing import Any

from podium.cloudwatch.errors import InvalidValue
from podium.journals.metrics import Dimensions, Metric


def metric(home: str, given: Mapping[str, Any], at: str = "") -> Metric:
    """The one of `Namespace`, `MetricName` and `Dimensions`. `at` is where in the request. Raises InvalidValue."""
    for member in ("Namespace", "MetricName"):
        _plain(given.get(member) or "", f"{at}{member}")
    return Metric(home, given.get("Namespace") or "", given.get("MetricName") or "", dimensions(given, at))


def dimensions(given: Mapping[str, Any], at: str = "") -> Dimensions:
    found: dict[str, str] = {}
    for number, one in enumerate(given.get("Dimensions") or (), 1):
        place = f"{at}Dimensions.member.{number}"
        name, value = one["Name"], one.get("Value", "")
        _plain(name, f"{place}.Name")
        _plain(value, f"{place}.Value")
        if name in found:
            raise InvalidValue(f"The value {name} for parameter {place}.Name is invalid: every name is given once.")
        found[name] = value
    return tuple(sorted(found.items()))


def shown(metric: Metric) -> dict[str, Any]:
    return {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": _listed(metric.dimensions)}


def _listed(given: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in given]


def _plain(text: str, parameter: str) -> None:
    """Source: Amazon CloudWatch API Reference, Dimension: ASCII, without control characters."""
    if not (text.isascii() and text.isprintable()):
        raise InvalidValue(f"The value {text!a} for parameter {parameter} is invalid.")
