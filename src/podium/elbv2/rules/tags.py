"""Tags, as requests give them."""

from collections.abc import Iterable, Mapping

from podium.elbv2.errors import DuplicateTagKeys, Invalid, TooManyTags

MOST = 50


def given(tags: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """`[{Key, Value}]` as a mapping. Raises DuplicateTagKeys, TooManyTags, Invalid."""
    found: dict[str, str] = {}
    for tag in tags or ():
        key = tag["Key"]
        if key in found:
            raise DuplicateTagKeys(key)
        if key.lower().startswith("aws:"):
            raise Invalid("Tag keys cannot start with 'aws:': it is reserved for AWS use")
        found[key] = tag.get("Value") or ""
    return at_most(found)


def at_most(found: dict[str, str]) -> dict[str, str]:
    if len(found) > MOST:
        raise TooManyTags(f"A resource can have at most {MOST} tags")
    return found
