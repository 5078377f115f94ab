"""When a secret is rotated by itself: as soon as the window opens that its rules describe. All of it is in UTC.

Source: Secrets Manager API Reference, RotationRulesType; User Guide, "Rotation schedules".
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from podium.secretsmanager.errors import InvalidParameter
from podium.wire import cron, schedules

Rules = Mapping[str, Any]
LEAST_HOURS, MOST_DAYS = 4, 999
HOURS_OF_A_DAY = 24
_SECOND = timedelta(seconds=1)


def checked(given: Rules, now: datetime) -> dict[str, Any]:
    """The rules as they are kept. Raises InvalidParameter for two ways at once, and for such as open no window."""
    expression, days = given.get("ScheduleExpression"), given.get("AutomaticallyAfterDays")
    if (expression is None) is (days is None):
        raise InvalidParameter("Give RotationRules either AutomaticallyAfterDays or a ScheduleExpression.")
    if expression is not None and not _is_readable(expression):
        raise InvalidParameter(
            f"ScheduleExpression is rate(N hours) from {LEAST_HOURS} hours on, rate(N days), or a cron expression that "
            f"is due on the hour, at most every {LEAST_HOURS} hours, in every year, such as cron(0 8 ? * SUN *): not "
            f"{expression}."
        )
    if opens(given, now) is None:
        raise InvalidParameter(f"There is no day on which ScheduleExpression {expression} is due.")
    most = _hours_between(given)
    if given.get("Duration") is not None and not 1 <= _hours(given["Duration"]) <= most:
        raise InvalidParameter(f"Duration is a number of hours from 1h to {most}h here, and not {given['Duration']}.")
    return dict(given)


def opens(rules: Rules, after: datetime) -> datetime | None:
    """When the next window opens, for a secret that was rotated, or got its rules, at `after`. None: never again."""
    expression = rules.get("ScheduleExpression")
    scheduled = cron.parsed(expression) if expression else None
    if scheduled is not None:
        return scheduled.after(after)
    number, unit = _rate(rules)
    if unit == "hour":
        return (after + timedelta(hours=number)).replace(minute=0, second=0, microsecond=0)
    return _midnight(after + timedelta(days=number))


def closes(rules: Rules, opened: datetime) -> datetime:
    """The last second of the window that opens then: it never goes on into the next day."""
    midnight = _midnight(opened) + timedelta(days=1)
    usual = 1 if _is_hourly(rules) else HOURS_OF_A_DAY
    hours = _hours(rules["Duration"]) if rules.get("Duration") else usual
    return min(opened + timedelta(hours=hours), midnight) - _SECOND


def _is_readable(expression: str) -> bool:
    scheduled = cron.parsed(expression)
    if scheduled is not None:
        on_the_hour = scheduled.minutes == {0} and scheduled.years == cron.EVERY_YEAR
        return on_the_hour and _gap(scheduled) >= LEAST_HOURS
    number, unit = schedules.rate(expression) or (0, "")
    return (unit == "hour" and number >= LEAST_HOURS) or (unit == "day" and number <= MOST_DAYS)


def _rate(rules: Rules) -> tuple[int, str]:
    return schedules.rate(rules.get("ScheduleExpression", "")) or (rules["AutomaticallyAfterDays"], "day")


def _is_hourly(rules: Rules) -> bool:
    scheduled = cron.parsed(rules.get("ScheduleExpression", ""))
    return len(scheduled.hours) > 1 if scheduled is not None else _rate(rules)[1] == "hour"


def _hours_between(rules: Rules) -> int:
    """How long a window may be, so that it ends before the next one opens, and with its day."""
    scheduled = cron.parsed(rules.get("ScheduleExpression", ""))
    if scheduled is not None:
        return min(_gap(scheduled), HOURS_OF_A_DAY - max(scheduled.hours))
    number, unit = _rate(rules)
    return min(number, HOURS_OF_A_DAY) if unit == "hour" else HOURS_OF_A_DAY


def _gap(scheduled: cron.Cron) -> int:
    """The least number of hours between two that it is due in, around the clock."""
    hours = sorted(scheduled.hours)
    following = [*hours[1:], hours[0] + HOURS_OF_A_DAY]
    return min(after - before for before, after in zip(hours, following, strict=True))


def _hours(duration: str) -> int:
    return int(duration.removesuffix("h"))


def _midnight(of: datetime) -> datetime:
    return datetime.combine(of.date(), time(), of.tzinfo)
