"""Scaling policies, and the alarms that target tracking makes for itself."""

from typing import Any

from podium import cloudwatch
from podium.applicationautoscaling import names, rules, tracking, views
from podium.applicationautoscaling.errors import Invalid
from podium.applicationautoscaling.operations.describing import page
from podium.applicationautoscaling.records import ScalableTarget, ScalingPolicy
from podium.applicationautoscaling.service import autoscaling
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


@autoscaling.operation
def put_scaling_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """One of the name is replaced, and so are its alarms, under the names that they have."""
    target = names.target(call, tx, request)
    before = names.find_policy(tx, target, request["PolicyName"])
    others = [p for p in tx.list(ScalingPolicy, target_arn=target.arn) if p is not before]
    kind, configuration = rules.policy(request, before, others)
    policy = replace(before or _new(call, target, request["PolicyName"], kind), configuration=configuration)
    if kind == "TargetTrackingScaling":
        policy = _watched(call, tx, policy)
    tx.put(policy)
    return {"PolicyARN": policy.arn, "Alarms": views.alarms(policy)}


def _new(call: Call, target: ScalableTarget, name: str, kind: str) -> ScalingPolicy:
    arn = names.part_arn(call.home, "scalingPolicy", call.ids.uuid(), target.resource_id, name)
    return ScalingPolicy(
        arn=arn,
        home=call.home,
        target_arn=target.arn,
        resource_id=target.resource_id,
        name=name,
        type=kind,
        created_at=call.now,
    )


def _watched(call: Call, tx: Transaction, policy: ScalingPolicy) -> ScalingPolicy:
    """The alarms are as true as anybody's: nothing is known of their metrics, and they say so."""
    held = {"Low" if "-AlarmLow-" in name else "High": name for name in policy.alarms}
    wanted = tracking.alarms(policy.configuration, policy.resource_id, policy.arn)
    named = {side: held.get(side) or tracking.alarm_name(policy.resource_id, side, call.ids.uuid()) for side in wanted}
    for side, settings in wanted.items():
        cloudwatch.put_alarm(call, tx, named[side], settings)
    for name in set(held.values()) - set(named.values()):
        cloudwatch.delete_alarm(tx, policy.home, name)
    return replace(policy, alarms=tuple(named.values()))


def remove(tx: Transaction, policy: ScalingPolicy) -> None:
    """With its alarms."""
    for name in policy.alarms:
        cloudwatch.delete_alarm(tx, policy.home, name)
    tx.delete(policy)


@autoscaling.operation(reads=True)
def describe_scaling_policies(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    wanted = request.get("PolicyNames")
    rows = [p for p in tx.list(ScalingPolicy, home=call.home) if not wanted or p.name in wanted]
    shown, more = page(rows, request)
    return {"ScalingPolicies": [views.policy(policy) for policy in shown], **more}


@autoscaling.operation
def delete_scaling_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    remove(tx, names.policy(call, tx, request))
    return {}


@autoscaling.operation(reads=True)
def get_predictive_scaling_forecast(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Nothing is forecast: there is no history of any metric to do it from."""
    policy = names.policy(call, tx, request)
    if policy.type != "PredictiveScaling":
        raise Invalid(f"The policy {policy.name} is not a predictive scaling policy.")
    empty: dict[str, Any] = {"Timestamps": [], "Values": []}
    return {"LoadForecast": [], "CapacityForecast": empty, "UpdateTime": policy.created_at}
