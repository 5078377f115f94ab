"""Schedules: making, showing, changing and deleting them."""

from typing import Any

from podium.kernel.call import Call
from podium.scheduler import names, rules, views
from podium.scheduler.errors import ScheduleExists
from podium.scheduler.operations.paging import page
from podium.scheduler.records import Schedule
from podium.scheduler.service import scheduler
from podium.store.session import Transaction


@scheduler.operation
def create_schedule(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Who asks again with the same token is answered with the schedule that is there."""
    group, name, token = names.group(call, tx, request.get("GroupName")), request["Name"], request.get("ClientToken")
    rules.schedule(call, tx, request, group.name)
    before = tx.get(Schedule, names.schedule_arn(call, group.name, name))
    if before is not None and (token is None or token != before.client_token):
        raise ScheduleExists(name)
    return {"ScheduleArn": (before or tx.put(_made(call, request, group.name, None))).arn}


@scheduler.operation
def update_schedule(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The schedule is replaced whole: what is left out is as it is in one that is made without it."""
    before = names.schedule(call, tx, request.get("GroupName"), request["Name"])
    rules.schedule(call, tx, request, before.group)
    return {"ScheduleArn": tx.put(_made(call, request, before.group, before)).arn}


def _made(call: Call, request: dict[str, Any], group: str, before: Schedule | None) -> Schedule:
    return Schedule(
        arn=names.schedule_arn(call, group, request["Name"]),
        home=call.home,
        group=group,
        name=request["Name"],
        expression=request["ScheduleExpression"],
        timezone=request.get("ScheduleExpressionTimezone") or "UTC",
        window=request["FlexibleTimeWindow"],
        target=rules.target(request["Target"]),
        state=request.get("State") or "ENABLED",
        starts_at=request.get("StartDate"),
        ends_at=request.get("EndDate"),
        description=request.get("Description"),
        kms_key=request.get("KmsKeyArn"),
        after_completion=request.get("ActionAfterCompletion") or "NONE",
        client_token=before.client_token if before else request.get("ClientToken"),
        created_at=before.created_at if before else call.now,
        changed_at=call.now,
    )


@scheduler.operation(reads=True)
def get_schedule(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return views.schedule(names.schedule(call, tx, request.get("GroupName"), request["Name"]))


@scheduler.operation(reads=True)
def list_schedules(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Of one group, if it is named, or of all."""
    where = {"group": names.group(call, tx, request["GroupName"]).name} if request.get("GroupName") else {}
    rows = [
        held
        for held in tx.list(Schedule, home=call.home, **where)
        if held.name.startswith(request.get("NamePrefix") or "") and request.get("State") in (None, held.state)
    ]
    shown, more = page(rows, lambda held: held.arn, request)
    return {"Schedules": [views.summary(held) for held in shown], **more}


@scheduler.operation
def delete_schedule(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    tx.delete(names.schedule(call, tx, request.get("GroupName"), request["Name"]))
    return {}
