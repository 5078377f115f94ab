"""Tags, given with what is made or later.

Source: Amazon EC2 User Guide, "Tag restrictions"; API Reference, CreateTags and TagSpecification.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from podium.ec2.errors import Invalid, Missing, TooManyTags

MOST = 50
LONGEST_KEY = 127
LONGEST_VALUE = 255
RESERVED = "aws:"


def specified(request: Mapping[str, Any], noun: str) -> dict[str, str]:
    """The tags of a `TagSpecifications` that speaks of `noun`, and of nothing else."""
    found: list[Mapping[str, str]] = []
    for item in request.get("TagSpecifications") or ():
        given = item.get("ResourceType")
        if given is None:
            raise Invalid("Tag specification resource type must have a value")
        if given != noun:
            raise Invalid(f"'{given}' is not a valid taggable resource type for this operation.")
        if not item.get("Tags"):
            raise Invalid("Tag specification must have at least one tag")
        found += item["Tags"]
    return parsed(found)


def parsed(given: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """`[{Key, Value}]` as a mapping; a tag without a value has an empty one."""
    found: dict[str, str] = {}
    for tag in given:
        key, value = tag.get("Key"), tag.get("Value", "")
        if not key:
            raise Missing("The request must contain the parameter tag key")
        if key in found:
            raise Invalid(f"Duplicate tag key '{key}' specified.")
        _check(key, value)
        found[key] = value
    return limited(found)


def merged(held: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    return limited({**held, **given})


def without(held: Mapping[str, str], taken: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Without the tags named; those named with a value only where they have it. None takes all that are the user's."""
    if taken is None:
        return {k: v for k, v in held.items() if k.startswith(RESERVED)}
    gone = [(tag.get("Key", ""), tag.get("Value")) for tag in taken]
    if any(key.lower().startswith(RESERVED) for key, _ in gone):
        raise Invalid(f"Tag keys starting with '{RESERVED}' are reserved for internal use")
    return {k: v for k, v in held.items() if not any(k == key and value in (None, v) for key, value in gone)}


def _check(key: str, value: str) -> None:
    if key.lower().startswith(RESERVED):
        raise Invalid(f"Tag keys starting with '{RESERVED}' are reserved for internal use")
    if len(key) > LONGEST_KEY:
        raise Invalid(f"Tag key exceeds the maximum length of {LONGEST_KEY} characters")
    if len(value) > LONGEST_VALUE:
        raise Invalid(f"Tag value exceeds the maximum length of {LONGEST_VALUE} characters")


def limited(tags: dict[str, str]) -> dict[str, str]:
    """What a service itself tagged does not count."""
    if sum(not key.startswith(RESERVED) for key in tags) > MOST:
        raise TooManyTags("The maximum number of Tags for a resource has been reached.")
    return tags
