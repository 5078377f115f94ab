"""Rules and event buses as the API shows them. What is absent is left out."""

from typing import Any

from podium.events.records import EventBus, Rule


def rule(held: Rule) -> dict[str, Any]:
    return _shown(
        Name=held.name,
        Arn=held.arn,
        EventPattern=held.pattern,
        State=held.state,
        Description=held.description,
        ScheduleExpression=held.schedule,
        RoleArn=held.role_arn,
        EventBusName=held.bus,
    )


def bus(held: EventBus) -> dict[str, Any]:
    """As a list of them shows it."""
    return _shown(
        Name=held.name,
        Arn=held.arn,
        Description=held.description,
        Policy=held.policy,
        CreationTime=held.created_at,
        LastModifiedTime=held.changed_at,
    )


def _shown(**members: Any) -> dict[str, Any]:
    return {member: value for member, value in members.items() if value is not None}
