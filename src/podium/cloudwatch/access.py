"""What each CloudWatch operation asks to be allowed.

Importing this module registers it.
Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon CloudWatch".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podium.cloudwatch import names
from podium.cloudwatch.records import Dashboard, MetricAlarm
from podium.cloudwatch.service import cloudwatch
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.store.session import Transaction

Request = Mapping[str, Any]
Context = dict[str, str | tuple[str, ...]]


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    return tuple(_asks(call, tx, operation, request))


def _asks(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    said = _of_tags(request)
    if operation == "PutMetricData":
        said["cloudwatch:namespace"] = request["Namespace"]
    for arn in dict.fromkeys(_named(call, request)) or ("*",):
        yield Ask(action=f"cloudwatch:{operation}", resource=arn, context={**said, **_own(tx, call, arn)})
        if operation in ("PutMetricAlarm", "PutDashboard") and request.get("Tags"):
            yield Ask(action="cloudwatch:TagResource", resource=arn, context=said)


def _named(call: Call, request: Request) -> Iterator[str]:
    """DescribeAlarms without names is about every alarm. Dashboards are named likewise."""
    if request.get("ResourceARN"):
        yield request["ResourceARN"]
    for name in (request.get("AlarmName"), *(request.get("AlarmNames") or ())):
        if name:
            yield names.arn(call.home, name)
    for name in (request.get("DashboardName"), *(request.get("DashboardNames") or ())):
        if name:
            yield names.dashboard_arn(call.home, name)


def _of_tags(request: Request) -> Context:
    """The tags that are given or taken away."""
    given = {tag["Key"]: tag.get("Value", "") for tag in request.get("Tags") or ()}
    keys = (*given, *(request.get("TagKeys") or ()))
    context: Context = {f"aws:RequestTag/{key}": value for key, value in given.items()}
    return {**context, "aws:TagKeys": keys} if keys else context


def _own(tx: Transaction, call: Call, arn: str) -> Context:
    held = tx.get(MetricAlarm, arn) or tx.get(Dashboard, arn)
    if held is None or held.home not in (call.home, names.account(call)):
        return {}
    return {f"aws:ResourceTag/{key}": value for key, value in held.tags.items()}


cloudwatch.asks = asks
