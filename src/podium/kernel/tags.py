"""Tags: as requests give them, as answers show them, and as policies speak of them."""

from collections.abc import Iterable, Mapping

Context = dict[str, str | tuple[str, ...]]


class DuplicateKey(Exception):
    """Two tags have the key that is the only argument."""


def mapped(given: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """`[{Key, Value}]` as a mapping. Raises DuplicateKey."""
    found: dict[str, str] = {}
    for tag in given or ():
        if tag["Key"] in found:
            raise DuplicateKey(tag["Key"])
        found[tag["Key"]] = tag.get("Value", "")
    return found


def listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def without(tags: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    gone = frozenset(keys)
    return {key: value for key, value in tags.items() if key not in gone}


def of_request(given: Mapping[str, str], taken: Iterable[str] = ()) -> Context:
    """The condition keys of tags that a request gives and takes away."""
    keys = (*given, *taken)
    context: Context = {f"aws:RequestTag/{key}": value for key, value in given.items()}
    return {**context, "aws:TagKeys": keys} if keys else context


def of_resource(tags: Mapping[str, str]) -> Context:
    """The condition keys of the tags that a resource has."""
    return {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
