"""What every view does: leave out what is not there."""

from typing import Any


def present(**members: Any) -> dict[str, Any]:
    """The members that have a value. Empty lists and zeros stay; None goes."""
    return {name: value for name, value in members.items() if value is not None}


def failure(arn: str | None, reason: str = "MISSING", detail: str | None = None) -> dict[str, str]:
    told = {"arn": arn, "reason": reason, "detail": detail}
    return {name: value for name, value in told.items() if value is not None}
