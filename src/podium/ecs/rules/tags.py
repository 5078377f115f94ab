"""What a tag may be.

Source: Amazon ECS Developer Guide, "Tagging your Amazon ECS resources", restrictions.
"""

import re
from collections.abc import Iterable, Mapping

from podium.ecs.errors import InvalidParameter

_KEY = re.compile(r"[\w\s+\-=._:/@]{1,128}")
_VALUE = re.compile(r"[\w\s+\-=._:/@]{0,256}")
MOST = 50


def parsed(tags: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """`[{key, value}]` as a mapping. A value left out is the empty string."""
    found: dict[str, str] = {}
    for tag in tags or ():
        key, value = tag.get("key", ""), tag.get("value", "")
        if key in found:
            raise InvalidParameter("Multiple tags contain the same key.")
        _check(key, value)
        found[key] = value
    if len(found) > MOST:
        raise InvalidParameter(f"The maximum number of tags that can be applied to a resource is {MOST}.")
    return found


def editable(key: str) -> str:
    """`key`, unless it is one of those that only the service itself may write."""
    if key.lower().startswith("aws:"):
        raise InvalidParameter("Tag keys cannot start with aws: because it is reserved for AWS use.")
    return key


def _check(key: str, value: str) -> None:
    editable(key)
    if not _KEY.fullmatch(key):
        raise InvalidParameter(f"The tag key '{key}' is not valid: 1 to 128 letters, digits, spaces or + - = . _ : / @")
    if not _VALUE.fullmatch(value):
        raise InvalidParameter(
            f"The value of tag '{key}' is not valid: up to 256 letters, digits, spaces or + - = . _ : / @"
        )


def shown(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]
