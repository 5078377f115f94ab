"""Groups of schedules."""

from typing import Any

from podium.kernel.call import Call
from podium.scheduler import names, rules, views
from podium.scheduler.errors import GroupExists, Invalid
from podium.scheduler.operations.paging import page
from podium.scheduler.records import Schedule, ScheduleGroup
from podium.scheduler.service import scheduler
from podium.store.session import Transaction


@scheduler.operation
def create_schedule_group(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Who asks again with the same token is answered with the group that is there."""
    name, token = request["Name"], request.get("ClientToken")
    tags = rules.TAGS.given(request.get("Tags"))
    before = tx.get(ScheduleGroup, names.group_arn(call, name))
    if name == names.DEFAULT or (before is not None and (token is None or token != before.client_token)):
        raise GroupExists(name)
    made = before or tx.put(
        ScheduleGroup(
            arn=names.group_arn(call, name),
            home=call.home,
            name=name,
            client_token=token,
            created_at=call.now,
            changed_at=call.now,
            tags=tags,
        )
    )
    return {"ScheduleGroupArn": made.arn}


@scheduler.operation(reads=True)
def get_schedule_group(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return views.group(names.group(call, tx, request["Name"]))


@scheduler.operation(reads=True)
def list_schedule_groups(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """With the default one."""
    held = {one.name: one for one in (names.group(call, tx, None), *tx.list(ScheduleGroup, home=call.home))}
    rows = [one for one in held.values() if one.name.startswith(request.get("NamePrefix") or "")]
    shown, more = page(rows, lambda one: one.name, request)
    return {"ScheduleGroups": [views.group(one) for one in shown], **more}


@scheduler.operation
def delete_schedule_group(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """With its schedules, and at once: on AWS it is DELETING for a while."""
    held = names.group(call, tx, request["Name"])
    if held.name == names.DEFAULT:
        raise Invalid("The default schedule group cannot be deleted.")
    for schedule in tx.list(Schedule, group=held.name, home=call.home):
        tx.delete(schedule)
    tx.delete(held)
    return {}
