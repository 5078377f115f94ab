"""Metric filters: events that match a pattern become values of a metric."""

from typing import Any

from podium.kernel.call import Call
from podium.logs import names, patterns, rules, views
from podium.logs.errors import Invalid, LimitExceeded, MetricFilterNotFound
from podium.logs.operations.paging import page
from podium.logs.records import LogGroup, MetricFilter
from podium.logs.service import logs
from podium.store.session import Transaction


@logs.operation
def put_metric_filter(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """One of the name is replaced. It counts what is put from then on."""
    group, name = names.group(call, tx, request["logGroupName"]), request["filterName"]
    patterns.parsed(request["filterPattern"])
    [given] = request["metricTransformations"]
    rules.transformation(given)
    held = tx.list(MetricFilter, group_arn=group.arn)
    if len(held) >= rules.MOST_METRIC_FILTERS and name not in {filter.name for filter in held}:
        raise LimitExceeded
    tx.put(
        MetricFilter(
            arn=_arn(group, name),
            group_arn=group.arn,
            name=name,
            pattern=request["filterPattern"],
            metric_name=given["metricName"],
            metric_namespace=given["metricNamespace"],
            metric_value=given["metricValue"],
            default_value=given.get("defaultValue"),
            dimensions=given.get("dimensions") or {},
            unit=given.get("unit") or "None",
            created_at=call.now,
        )
    )
    return {}


@logs.operation(reads=True)
def describe_metric_filters(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Of one group or of all; by the beginning of their names, or by their metric, whose name needs its namespace."""
    metric, namespace, prefix = (request.get(n) for n in ("metricName", "metricNamespace", "filterNamePrefix"))
    if (metric is None) is not (namespace is None):
        raise Invalid("Specify both metricName and metricNamespace, or neither.")
    wanted = request.get("logGroupName")
    groups = [names.group(call, tx, wanted)] if wanted else tx.list(LogGroup, home=call.home)
    rows = {
        f"{filter.name} {group.name}": views.metric_filter(filter, group.name)
        for group in groups
        for filter in tx.list(MetricFilter, group_arn=group.arn)
        if filter.name.startswith(prefix or "")
        and (metric is None or (metric, namespace) == (filter.metric_name, filter.metric_namespace))
    }
    shown, more = page(rows.items(), lambda row: row[0], request)
    return {"metricFilters": [filter for _, filter in shown], **more}


@logs.operation
def delete_metric_filter(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    group = names.group(call, tx, request["logGroupName"])
    held = tx.get(MetricFilter, _arn(group, request["filterName"]))
    if held is None:
        raise MetricFilterNotFound
    tx.delete(held)
    return {}


@logs.operation(reads=True)
def test_metric_filter(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Which of the messages the pattern wants, and what it names in them. Events are counted from 1."""
    pattern = patterns.parsed(request["filterPattern"])
    matches = [
        {"eventNumber": number, "eventMessage": message, "extractedValues": dict(pattern.extracted(message))}
        for number, message in enumerate(request["logEventMessages"], 1)
        if pattern.matches(message)
    ]
    return {"matches": matches}


def _arn(group: LogGroup, name: str) -> str:
    return f"{group.arn}:metric-filter:{name}"
