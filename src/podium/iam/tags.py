"""Tags on users, roles, policies and instance profiles.

Source: IAM User Guide, "Tags for AWS Identity and Access Management resources".
"""

from collections.abc import Iterable, Mapping
from typing import Any

from podium.iam.errors import InvalidInput, LimitExceeded

MOST = 50


def parsed(given: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """`[{Key, Value}]` as a mapping. Keys keep their case and differ by more than it."""
    found = {tag["Key"]: tag["Value"] for tag in given or ()}
    if len({key.lower() for key in found}) != len(list(given or ())):
        raise InvalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.lower().startswith("aws:") for key in found):
        raise InvalidInput("aws: prefixed tag key names are not allowed for external use.")
    return limited(found)


def merged(held: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """A key given again replaces the one held, however either is written."""
    again = {key.lower() for key in given}
    return limited({**{k: v for k, v in held.items() if k.lower() not in again}, **given})


def without(held: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    gone = {key.lower() for key in keys}
    return {k: v for k, v in held.items() if k.lower() not in gone}


def limited(tags: dict[str, str]) -> dict[str, str]:
    if len(tags) > MOST:
        raise LimitExceeded(f"The number of tags has reached the maximum limit: {MOST}")
    return tags


def shown(tags: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
