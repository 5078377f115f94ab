"""Tags, as requests give them."""

from collections.abc import Iterable, Mapping

from podium.acm.errors import InvalidTag, TooManyTags

MOST = 50


def given(tags: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """`[{Key, Value}]` as a mapping. Raises InvalidTag, TooManyTags."""
    found: dict[str, str] = {}
    for tag in tags or ():
        key = tag["Key"]
        if key in found:
            raise InvalidTag(f"Duplicate tag key found: {key}")
        if key.lower().startswith("aws:"):
            raise InvalidTag("Tag keys cannot start with aws: because it is reserved for AWS use.")
        found[key] = tag.get("Value") or ""
    return at_most(found)


def at_most(found: dict[str, str]) -> dict[str, str]:
    if len(found) > MOST:
        raise TooManyTags(f"A certificate can have at most {MOST} tags.")
    return found
