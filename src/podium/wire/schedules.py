"""Schedules in the words of EventBridge, its Scheduler and Application Auto Scaling: rate, cron and at.

Source: Amazon EventBridge User Guide, "Schedule expressions"; EventBridge Scheduler User Guide, "Schedule types";
Application Auto Scaling User Guide, "Schedule recurring scaling actions using cron expressions".
"""

import re
from datetime import datetime

from dateutil.zoneinfo import get_zonefile_instance

_RATE = re.compile(r"rate\(([1-9]\d{0,8}) (minute|hour|day)(s?)\)")
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_CRON = re.compile(r"cron\(([^()]+)\)")
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"
_DAYS = "SUN MON TUE WED THU FRI SAT"


def is_rate(text: str, *, plural: bool = False) -> bool:
    """With `plural`, one has no plural and every other number has one."""
    found = _RATE.fullmatch(text)
    return found is not None and not (plural and (found[1] == "1") is bool(found[3]))


def is_at(text: str) -> bool:
    found = _AT.fullmatch(text)
    if found is None:
        return False
    try:
        datetime.fromisoformat(found[1])
    except ValueError:
        return False
    return True


def is_cron(text: str) -> bool:
    """Six fields: minutes, hours, day of the month, month, day of the week, year. One of the days is `?`."""
    found = _CRON.fullmatch(text)
    fields = found[1].upper().split() if found else []
    if len(fields) != 6:
        return False
    minutes, hours, day, month, weekday, year = fields
    if (day == "?") is (weekday == "?"):
        return False
    return (
        _listed(minutes, 0, 59)
        and _listed(hours, 0, 23)
        and (day in ("?", "L", "LW") or re.fullmatch(r"([1-9]|[12]\d|3[01])W", day) is not None or _listed(day, 1, 31))
        and _listed(month, 1, 12, _MONTHS)
        and (weekday in ("?", "L") or _nth_weekday(weekday) or _listed(weekday, 1, 7, _DAYS))
        and _listed(year, 1970, 2199)
    )


def is_timezone(name: str) -> bool:
    """Whether the IANA database has a zone of that name; it comes with botocore, whatever the machine has."""
    return name == "UTC" or get_zonefile_instance().get(name) is not None


def _nth_weekday(text: str) -> bool:
    """`6L` is the last Friday of the month, `6#3` the third."""
    found = re.fullmatch(r"([^#]+?)(?:L|#[1-5])", text)
    return found is not None and _number(found[1], _DAYS.split(), 1) in range(1, 8)


def _listed(text: str, low: int, high: int, names: str = "") -> bool:
    return all(_range(part, low, high, names.split()) for part in text.split(","))


def _range(text: str, low: int, high: int, names: list[str]) -> bool:
    """`*`, `5`, `5-9`, each with or without a step as in `0/15`."""
    span, slash, step = text.partition("/")
    if slash and not (step.isascii() and step.isdigit() and 0 < int(step) <= high):
        return False
    if span == "*":
        return True
    ends = [_number(end, names, low) for end in span.split("-")]
    return len(ends) <= 2 and all(end is not None and low <= end <= high for end in ends)


def _number(text: str, names: list[str], first: int) -> int | None:
    if text in names:
        return names.index(text) + first
    return int(text) if text.isascii() and text.isdigit() else None
