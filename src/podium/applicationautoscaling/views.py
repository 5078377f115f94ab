"""Targets, policies, scheduled actions and activities as the API shows them."""

from typing import Any

from podium.applicationautoscaling.records import (
    DIMENSION,
    NAMESPACE,
    ScalableTarget,
    ScalingActivity,
    ScalingPolicy,
    ScheduledAction,
)
from podium.applicationautoscaling.rules import CONFIGURATIONS
from podium.cloudwatch import alarm_arn

SUSPENDED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}


def target(held: ScalableTarget) -> dict[str, Any]:
    return {
        **_of(held.resource_id),
        "MinCapacity": held.min_capacity,
        "MaxCapacity": held.max_capacity,
        "RoleARN": held.role_arn,
        "CreationTime": held.created_at,
        "SuspendedState": {**SUSPENDED, **held.suspended},
        "ScalableTargetARN": held.arn,
    }


def policy(held: ScalingPolicy) -> dict[str, Any]:
    return {
        **_of(held.resource_id),
        "PolicyARN": held.arn,
        "PolicyName": held.name,
        "PolicyType": held.type,
        CONFIGURATIONS[held.type]: held.configuration,
        "Alarms": alarms(held),
        "CreationTime": held.created_at,
    }


def alarms(held: ScalingPolicy) -> list[dict[str, str]]:
    return [{"AlarmName": name, "AlarmARN": alarm_arn(held.home, name)} for name in held.alarms]


def scheduled_action(held: ScheduledAction) -> dict[str, Any]:
    shown = {
        **_of(held.resource_id),
        "ScheduledActionName": held.name,
        "ScheduledActionARN": held.arn,
        "Schedule": held.schedule,
        "Timezone": held.timezone,
        "StartTime": held.starts_at,
        "EndTime": held.ends_at,
        "ScalableTargetAction": held.action,
        "CreationTime": held.created_at,
    }
    return {member: value for member, value in shown.items() if value is not None}


def activity(held: ScalingActivity) -> dict[str, Any]:
    return {
        **_of(held.resource_id),
        "ActivityId": held.id,
        "Description": held.description,
        "Cause": held.cause,
        "StartTime": held.at,
        "EndTime": held.at,
        "StatusCode": "Successful",
        "StatusMessage": held.message,
    }


def _of(resource_id: str) -> dict[str, str]:
    return {"ServiceNamespace": NAMESPACE, "ResourceId": resource_id, "ScalableDimension": DIMENSION}
