"""Tags, given with what is made or later."""

from collections.abc import Iterable, Mapping

from podium.servicediscovery.errors import InvalidInput, TooManyTags

MOST = 50
RESERVED = "aws:"


def parsed(given: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """`[{Key, Value}]` as a mapping. Raises InvalidInput."""
    found: dict[str, str] = {}
    for tag in given or ():
        key = tag["Key"]
        if key in found:
            raise InvalidInput(f"Duplicate tag key: {key}")
        if key.lower().startswith(RESERVED):
            raise InvalidInput(f"Tag keys cannot start with {RESERVED} because it is reserved for AWS use.")
        found[key] = tag["Value"]
    return found


def at_most(found: dict[str, str], arn: str) -> dict[str, str]:
    """Raises TooManyTags, which names the resource."""
    if len(found) > MOST:
        raise TooManyTags(arn, MOST)
    return found
