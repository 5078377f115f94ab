"""Schedules and groups as the API shows them. What is absent is left out."""

from typing import Any

from podium.scheduler.records import Schedule, ScheduleGroup


def schedule(held: Schedule) -> dict[str, Any]:
    return _shown(
        Arn=held.arn,
        GroupName=held.group,
        Name=held.name,
        ScheduleExpression=held.expression,
        ScheduleExpressionTimezone=held.timezone,
        StartDate=held.starts_at,
        EndDate=held.ends_at,
        Description=held.description,
        State=held.state,
        CreationDate=held.created_at,
        LastModificationDate=held.changed_at,
        KmsKeyArn=held.kms_key,
        Target=held.target,
        FlexibleTimeWindow=held.window,
        ActionAfterCompletion=held.after_completion,
    )


def summary(held: Schedule) -> dict[str, Any]:
    return {
        "Arn": held.arn,
        "GroupName": held.group,
        "Name": held.name,
        "State": held.state,
        "CreationDate": held.created_at,
        "LastModificationDate": held.changed_at,
        "Target": {"Arn": held.target["Arn"]},
    }


def group(held: ScheduleGroup) -> dict[str, Any]:
    return _shown(
        Arn=held.arn,
        Name=held.name,
        State="ACTIVE",
        CreationDate=held.created_at,
        LastModificationDate=held.changed_at,
    )


def _shown(**members: Any) -> dict[str, Any]:
    return {member: value for member, value in members.items() if value is not None}
