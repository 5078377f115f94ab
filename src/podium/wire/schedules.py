"""Schedules in the words of EventBridge, its Scheduler and Application Auto Scaling: rate, cron and at.

Source: Amazon EventBridge User Guide, "Schedule expressions"; EventBridge Scheduler User Guide, "Schedule types";
Application Auto Scaling User Guide, "Schedule recurring scaling actions using cron expressions".
"""

import re
from datetime import datetime

from dateutil.zoneinfo import get_zonefile_instance

from podium.wire import cron

_RATE = re.compile(r"rate\(([1-9]\d{0,8}) (minute|hour|day)(s?)\)")
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")


def rate(text: str) -> tuple[int, str] | None:
    """How many, and of what: minute, hour or day. None for what is no rate."""
    found = _RATE.fullmatch(text)
    return (int(found[1]), found[2]) if found is not None else None


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
    return cron.parsed(text) is not None


def is_timezone(name: str) -> bool:
    """Whether the IANA database has a zone of that name; it comes with botocore, whatever the machine has."""
    return name == "UTC" or get_zonefile_instance().get(name) is not None
