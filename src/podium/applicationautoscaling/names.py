"""Targets, and what belongs to them, by the names that the API has for them."""

from collections.abc import Mapping
from typing import Any

from podium.applicationautoscaling.errors import (
    PolicyNotFound,
    ResourceNotFound,
    ScheduledActionNotFound,
    ServiceMissing,
    TargetNotFound,
    Unsupported,
)
from podium.applicationautoscaling.records import (
    DIMENSION,
    NAMESPACE,
    ScalableTarget,
    ScalingPolicy,
    ScheduledAction,
)
from podium.ecs.records import Service, ServiceStatus
from podium.kernel.call import Call
from podium.store.session import Transaction

Request = Mapping[str, Any]


def target_arn(home: str, identity: str) -> str:
    partition, region, account = home.split(":")
    return f"arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/{identity}"


def part_arn(home: str, kind: str, identity: str, resource_id: str, name: str) -> str:
    """Of a policy (`scalingPolicy`, `policyName`) or a scheduled action (`scheduledAction`, `scheduledActionName`)."""
    partition, region, account = home.split(":")
    named = "policyName" if kind == "scalingPolicy" else "scheduledActionName"
    return f"arn:{partition}:autoscaling:{region}:{account}:{kind}:{identity}:resource/ecs/{resource_id}:{named}/{name}"


def new_id(call: Call) -> str:
    """Of a scalable target: four digits that AWS says nothing of, and the rest at random."""
    return f"0ec5{call.ids.hex32()[:30]}"


def where(request: Request) -> str:
    """How every sentence about a target speaks of it."""
    return (
        f"service namespace: {request['ServiceNamespace']}, resource ID: {request['ResourceId']}, "
        f"scalable dimension: {request['ScalableDimension']}"
    )


def is_ours(request: Request) -> bool:
    return bool(request["ServiceNamespace"] == NAMESPACE) and bool(
        request.get("ScalableDimension", DIMENSION) == DIMENSION
    )


def find_target(call: Call, tx: Transaction, request: Request) -> ScalableTarget | None:
    if not is_ours(request):
        return None
    found = tx.list(ScalableTarget, resource_id=request["ResourceId"], home=call.home)
    return found[0] if found else None


def target(call: Call, tx: Transaction, request: Request) -> ScalableTarget:
    """Raises TargetNotFound."""
    found = find_target(call, tx, request)
    if found is None:
        raise TargetNotFound(where(request))
    return found


def of_arn(call: Call, tx: Transaction, arn: str) -> ScalableTarget:
    """One of the caller's own account and region. Raises ResourceNotFound."""
    found = tx.get(ScalableTarget, arn)
    if found is None or found.home != call.home:
        raise ResourceNotFound(arn)
    return found


def find_policy(tx: Transaction, target: ScalableTarget, name: str) -> ScalingPolicy | None:
    return next((p for p in tx.list(ScalingPolicy, target_arn=target.arn) if p.name == name), None)


def policy(call: Call, tx: Transaction, request: Request) -> ScalingPolicy:
    """Raises PolicyNotFound, also where there is no target."""
    held = find_target(call, tx, request)
    found = find_policy(tx, held, request["PolicyName"]) if held else None
    if found is None:
        raise PolicyNotFound(where(request))
    return found


def find_scheduled_action(tx: Transaction, target: ScalableTarget, name: str) -> ScheduledAction | None:
    return next((a for a in tx.list(ScheduledAction, target_arn=target.arn) if a.name == name), None)


def scheduled_action(call: Call, tx: Transaction, request: Request) -> ScheduledAction:
    """Raises ScheduledActionNotFound, also where there is no target."""
    held = find_target(call, tx, request)
    found = find_scheduled_action(tx, held, request["ScheduledActionName"]) if held else None
    if found is None:
        raise ScheduledActionNotFound(where(request))
    return found


def service(call: Call, tx: Transaction, request: Request) -> Service:
    """The service to be scaled. Raises Unsupported for what is none, ServiceMissing for one that there is not."""
    kind, _, name = request["ResourceId"].partition("/")
    if not is_ours(request) or kind != "service" or name.count("/") != 1:
        raise Unsupported
    found = tx.get(Service, call.arn("ecs", f"service/{name}"))
    if found is None or found.status is not ServiceStatus.ACTIVE:
        raise ServiceMissing(request["ResourceId"])
    return found
