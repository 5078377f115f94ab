"""What a rule and its targets may be.

Source: Amazon EventBridge API Reference, PutRule, PutTargets; User Guide, "Quotas".
"""

import json
from collections.abc import Mapping
from typing import Any

from podium.events import names, patterns
from podium.events.errors import Invalid, InvalidEventPattern, LimitExceeded
from podium.events.matchers import InvalidPattern
from podium.kernel.tags import Tagging
from podium.wire import schedules

Given = Mapping[str, Any]
MOST_RULES, MOST_TARGETS = 300, 5
INPUTS = ("Input", "InputPath", "InputTransformer")
REQUIRED_OF_EVENTS = ("id", "account", "source", "time", "region", "resources", "detail-type")
TAGS = Tagging(
    duplicate=lambda key: Invalid(f"Duplicate tag key: {key}"),
    reserved=lambda key: Invalid(f"The tag key {key} cannot start with aws: because it is reserved for AWS use."),
    too_many=lambda most: Invalid(f"A resource can have at most {most} tags."),
)


def rule(given: Given, bus: str) -> None:
    """Raises Invalid, InvalidEventPattern."""
    pattern, schedule = given.get("EventPattern"), given.get("ScheduleExpression")
    if not pattern and not schedule:
        raise Invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    if schedule and bus != names.DEFAULT:
        raise Invalid("ScheduleExpression is supported only on the default event bus.")
    if schedule and not schedules.is_rate(schedule, plural=True) and not schedules.is_cron(schedule):
        raise Invalid("Parameter ScheduleExpression is not valid.")
    if pattern:
        event_pattern(pattern)


def event_pattern(text: str) -> patterns.Matches:
    """Raises InvalidEventPattern."""
    try:
        return patterns.compiled(text)
    except InvalidPattern as error:
        raise InvalidEventPattern(str(error)) from error


def event(text: str) -> dict[str, Any]:
    """Raises Invalid for what is no event in EventBridge's envelope."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid("Parameter Event is not valid.") from error
    if not isinstance(found, dict) or not found.keys() >= set(REQUIRED_OF_EVENTS):
        raise Invalid(f"Parameter Event is not valid. Reason: it must have {', '.join(REQUIRED_OF_EVENTS)}.")
    return found


def target(given: Given) -> None:
    """Raises Invalid."""
    identity, arn = given["Id"], given["Arn"]
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or not parts[5]:
        raise Invalid("Parameter Arn is not valid. Reason: Provided Arn is not in correct format.")
    if sum(given.get(member) is not None for member in INPUTS) > 1:
        raise Invalid(f"Only one of Input, InputPath, or InputTransformer must be provided for target {identity}.")
    if given.get("Input") is not None and not _is_json(given["Input"]):
        raise Invalid(f"JSON syntax error in input for target {identity}")
    if parts[2] == "ecs" and given.get("EcsParameters") is None:
        raise Invalid(f"EcsParameters must be specified for target {identity}, which is a cluster.")
    if parts[2] == "ecs" and not given.get("RoleArn"):
        raise Invalid(f"RoleArn is required for target {arn}.")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def with_targets(held: tuple[dict[str, Any], ...], given: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Those of a known id are replaced where they stand. Raises Invalid, LimitExceeded."""
    ids = [one["Id"] for one in given]
    if len(set(ids)) < len(ids):
        raise Invalid("Each target must have an Id of its own.")
    for one in given:
        target(one)
    found = {one["Id"]: one for one in (*held, *given)}
    if len(found) > MOST_TARGETS:
        raise LimitExceeded
    return tuple(found.values())
