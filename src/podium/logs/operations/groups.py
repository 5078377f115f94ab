"""Log groups: making, describing and deleting them."""

from typing import Any

from podium.journals.kept import Journals, Later
from podium.kernel.call import Call
from podium.logs import names, rules, views
from podium.logs.errors import Invalid, LogGroupExists, Protected
from podium.logs.operations.paging import page
from podium.logs.operations.streams import forgotten
from podium.logs.records import LogGroup, LogStream, MetricFilter, SubscriptionFilter
from podium.logs.service import logs
from podium.store.session import Transaction


@logs.operation
def create_log_group(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    name, kind = request["logGroupName"], request.get("logGroupClass") or "STANDARD"
    arn = names.group_arn(call.home, name)
    if tx.get(LogGroup, arn) is not None:
        raise LogGroupExists
    tx.put(
        LogGroup(
            arn=arn,
            home=call.home,
            name=name,
            log_class=kind,
            retention_days=rules.DELIVERY_DAYS if kind == "DELIVERY" else None,
            kms_key=request.get("kmsKeyId"),
            deletion_protected=bool(request.get("deletionProtectionEnabled")),
            created_at=call.now,
            tags=rules.tags(request.get("tags") or {}, arn),
            id=call.ids.uuid(),
        )
    )
    return {}


@logs.operation(reads=True)
def describe_log_groups(call: Call, tx: Transaction, request: dict[str, Any]) -> Later:
    """By the beginning of their names, or by any part of it, whatever its case."""
    prefix, part = request.get("logGroupNamePrefix"), request.get("logGroupNamePattern")
    if prefix and part:
        raise Invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
    wanted = [names.group(call, tx, given) for given in request.get("logGroupIdentifiers") or ()]
    rows = [
        group
        for group in wanted or tx.list(LogGroup, home=call.home)
        if group.name.startswith(prefix or "")
        and (part or "").lower() in group.name.lower()
        and request.get("logGroupClass") in (None, group.log_class)
    ]
    shown, more = page(rows, lambda group: group.name, request)
    filters = {group.arn: len(tx.list(MetricFilter, group_arn=group.arn)) for group in shown}

    def answer(journals: Journals) -> dict[str, Any]:
        told = [views.group(group, journals.events.stored(group.key), filters[group.arn]) for group in shown]
        return {"logGroups": told, **more}

    return Later(answer)


@logs.operation
def delete_log_group(call: Call, tx: Transaction, request: dict[str, Any]) -> Later:
    """With its streams, their events, and its filters."""
    group = names.group(call, tx, request["logGroupName"])
    if group.deletion_protected:
        raise Protected(group.name)
    streams = tx.list(LogStream, group_arn=group.arn)
    for stream in streams:
        tx.delete(stream)
    for kind in (SubscriptionFilter, MetricFilter):
        for filter in tx.list(kind, group_arn=group.arn):
            tx.delete(filter)
    tx.delete(group)
    return forgotten(streams)
