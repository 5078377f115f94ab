"""Scalable targets: registering, describing and deregistering them."""

from typing import Any

from podium import iam
from podium.applicationautoscaling import bounding, names, rules, views
from podium.applicationautoscaling.operations.describing import page
from podium.applicationautoscaling.operations.policies import remove
from podium.applicationautoscaling.records import ScalableTarget, ScalingPolicy, ScheduledAction
from podium.applicationautoscaling.service import autoscaling
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

LINKED = "ecs.application-autoscaling.amazonaws.com"
ROLE = f"role/aws-service-role/{LINKED}/AWSServiceRoleForApplicationAutoScaling_ECSService"


@autoscaling.operation
def register_scalable_target(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Of one that is registered, what is not spoken of stays. Whatever role is given, ECS's service-linked one is used.

    A desired count outside the bounds is moved into them at once.
    """
    service, before = names.service(call, tx, request), names.find_target(call, tx, request)
    low, high = rules.bounds(
        request.get("MinCapacity", before.min_capacity if before else None),
        request.get("MaxCapacity", before.max_capacity if before else None),
    )
    target = before or _new(call, request, low, high)
    suspended = {**target.suspended, **(request.get("SuspendedState") or {})}
    iam.ensure_service_linked_role(call, tx, LINKED)
    target = tx.put(
        replace(
            target,
            min_capacity=low,
            max_capacity=high,
            suspended=suspended,
            tags=rules.tags({**target.tags, **(request.get("Tags") or {})}, target.arn),
        )
    )
    bounding.bring_inside(call, tx, target, service)
    return {"ScalableTargetARN": target.arn}


def _new(call: Call, request: dict[str, Any], low: int, high: int) -> ScalableTarget:
    return ScalableTarget(
        arn=names.target_arn(call.home, names.new_id(call)),
        home=call.home,
        resource_id=request["ResourceId"],
        min_capacity=low,
        max_capacity=high,
        role_arn=f"arn:{call.partition}:iam::{call.account}:{ROLE}",
        created_at=call.now,
    )


@autoscaling.operation(reads=True)
def describe_scalable_targets(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    shown, more = page(tx.list(ScalableTarget, home=call.home), request)
    return {"ScalableTargets": [views.target(target) for target in shown], **more}


@autoscaling.operation
def deregister_scalable_target(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """With its policies, their alarms and its scheduled actions."""
    target = names.target(call, tx, request)
    for policy in tx.list(ScalingPolicy, target_arn=target.arn):
        remove(tx, policy)
    for action in tx.list(ScheduledAction, target_arn=target.arn):
        tx.delete(action)
    tx.delete(target)
    return {}
