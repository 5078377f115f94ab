"""Scheduled actions: when the bounds of a target are to change."""

from typing import Any

from podium.applicationautoscaling import names, rules, views
from podium.applicationautoscaling.operations.describing import page
from podium.applicationautoscaling.records import ScalableTarget, ScheduledAction
from podium.applicationautoscaling.service import autoscaling
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


@autoscaling.operation
def put_scheduled_action(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Of one that there is, what is not spoken of stays; but for its start and end, which are taken away."""
    target = names.target(call, tx, request)
    before = names.find_scheduled_action(tx, target, request["ScheduledActionName"])
    others = len(tx.list(ScheduledAction, target_arn=target.arn))
    rules.scheduled(request, new=before is None, others=others)
    action = before or _new(call, target, request)
    tx.put(
        replace(
            action,
            schedule=request.get("Schedule", action.schedule),
            timezone=request.get("Timezone", action.timezone),
            starts_at=request.get("StartTime"),
            ends_at=request.get("EndTime"),
            action=request.get("ScalableTargetAction", action.action),
        )
    )
    return {}


def _new(call: Call, target: ScalableTarget, request: dict[str, Any]) -> ScheduledAction:
    name = request["ScheduledActionName"]
    return ScheduledAction(
        arn=names.part_arn(call.home, "scheduledAction", call.ids.uuid(), target.resource_id, name),
        home=call.home,
        target_arn=target.arn,
        resource_id=target.resource_id,
        name=name,
        schedule=request["Schedule"],
        created_at=call.now,
    )


@autoscaling.operation(reads=True)
def describe_scheduled_actions(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    wanted = request.get("ScheduledActionNames")
    rows = [a for a in tx.list(ScheduledAction, home=call.home) if not wanted or a.name in wanted]
    shown, more = page(rows, request)
    return {"ScheduledActions": [views.scheduled_action(action) for action in shown], **more}


@autoscaling.operation
def delete_scheduled_action(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    tx.delete(names.scheduled_action(call, tx, request))
    return {}
