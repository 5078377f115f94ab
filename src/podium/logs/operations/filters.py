"""Subscription filters, which are kept; nothing is sent."""

from typing import Any

from podium.kernel.call import Call
from podium.logs import names, patterns, rules, views
from podium.logs.errors import LimitExceeded, SubscriptionFilterNotFound
from podium.logs.operations.paging import page
from podium.logs.records import LogGroup, SubscriptionFilter
from podium.logs.service import logs
from podium.store.session import Transaction


@logs.operation
def put_subscription_filter(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """One of the name is replaced, and keeps the day on which it was made."""
    group, name = names.group(call, tx, request["logGroupName"]), request["filterName"]
    patterns.parsed(request["filterPattern"])
    held = {filter.name: filter for filter in tx.list(SubscriptionFilter, group_arn=group.arn)}
    if name not in held and len(held) >= rules.MOST_SUBSCRIPTIONS:
        raise LimitExceeded
    role = request.get("roleArn")
    tx.put(
        SubscriptionFilter(
            arn=_arn(group, name),
            group_arn=group.arn,
            name=name,
            pattern=request["filterPattern"],
            destination_arn=rules.destination(request["destinationArn"], role),
            role_arn=role,
            distribution=request.get("distribution") or "ByLogStream",
            created_at=held[name].created_at if name in held else call.now,
        )
    )
    return {}


@logs.operation(reads=True)
def describe_subscription_filters(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    group, prefix = names.group(call, tx, request["logGroupName"]), request.get("filterNamePrefix") or ""
    rows = [f for f in tx.list(SubscriptionFilter, group_arn=group.arn) if f.name.startswith(prefix)]
    shown, more = page(rows, lambda filter: filter.name, request)
    return {"subscriptionFilters": [views.subscription(filter, group) for filter in shown], **more}


@logs.operation
def delete_subscription_filter(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    group = names.group(call, tx, request["logGroupName"])
    held = tx.get(SubscriptionFilter, _arn(group, request["filterName"]))
    if held is None:
        raise SubscriptionFilterNotFound
    tx.delete(held)
    return {}


def _arn(group: LogGroup, name: str) -> str:
    return f"{group.arn}:subscription-filter:{name}"
