"""What every view does: leave out what is not there."""

from typing import Any


def present(**members: Any) -> dict[str, Any]:
    """The members that have a value. Empty lists and zeros stay; None goes."""
    return {name: value for name, value in members.items() if value is not None}


def failure(arn: str, reason: str = "MISSING") -> dict[str, str]:
    return {"arn": arn, "reason": reason}
