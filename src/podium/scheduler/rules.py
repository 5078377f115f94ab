"""What a schedule may be.

Source: EventBridge Scheduler API Reference, CreateSchedule, Target, EcsParameters; User Guide, "Schedule types".
"""

from collections.abc import Mapping
from typing import Any

from podium import iam
from podium.kernel.call import Call
from podium.kernel.tags import Tagging
from podium.scheduler import names
from podium.scheduler.errors import Invalid, InvalidExpression, RoleNotTrusting
from podium.store.session import Transaction
from podium.wire import schedules

Given = Mapping[str, Any]
SERVICE = "scheduler.amazonaws.com"
RETRIES = {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}
TAGS = Tagging(
    duplicate=lambda key: Invalid(f"Duplicate tag key: {key}"),
    reserved=lambda key: Invalid(f"The tag key {key} cannot start with aws: because it is reserved for AWS use."),
    too_many=lambda most: Invalid(f"A schedule group can have at most {most} tags."),
)


def schedule(call: Call, tx: Transaction, given: Given, group: str) -> None:
    """Raises Invalid."""
    expression, zone = given["ScheduleExpression"], given.get("ScheduleExpressionTimezone")
    if not (schedules.is_rate(expression) or schedules.is_cron(expression) or schedules.is_at(expression)):
        raise InvalidExpression(expression)
    if zone is not None and not schedules.is_timezone(zone):
        raise Invalid(f"The ScheduleExpressionTimezone {zone} is not the name of a time zone.")
    starts, ends = given.get("StartDate"), given.get("EndDate")
    if starts is not None and ends is not None and ends <= starts:
        raise Invalid("The EndDate must be later than the StartDate.")
    window = given["FlexibleTimeWindow"]
    if (window["Mode"] == "FLEXIBLE") is (window.get("MaximumWindowInMinutes") is None):
        raise Invalid(
            "MaximumWindowInMinutes goes with the FlexibleTimeWindow mode FLEXIBLE, and must be given with it."
        )
    _target(call, tx, given["Target"], group)


def _target(call: Call, tx: Transaction, given: Given, group: str) -> None:
    parts = given["Arn"].split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or not parts[5]:
        raise Invalid("Provided Arn is not in correct format.")
    if (parts[2] == "ecs") is (given.get("EcsParameters") is None):
        raise Invalid("EcsParameters go with a target that is a cluster of Amazon ECS, and must be given with it.")
    _role(call, tx, given["RoleArn"], group)


def _role(call: Call, tx: Transaction, arn: str, group: str) -> None:
    """It must be there, and let the Scheduler in on behalf of the schedule's group."""
    role = iam.find_role(tx, arn) if arn.split(":")[4] == call.account else None
    behalf = {"aws:SourceArn": names.group_arn(call, group), "aws:SourceAccount": call.account}
    if role is None or not iam.trusts_service(role, SERVICE, behalf):
        raise RoleNotTrusting


def target(given: Given) -> dict[str, Any]:
    """With AWS's defaults."""
    return {**given, "RetryPolicy": {**RETRIES, **(given.get("RetryPolicy") or {})}}
