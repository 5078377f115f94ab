"""Tags: as requests give them, as answers show them, and as policies speak of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Context = dict[str, str | tuple[str, ...]]


class DuplicateKey(Exception):
    """Two tags have the key that is the only argument."""


def mapped(given: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """`[{Key, Value}]` as a mapping; a tag that leaves its key out has the empty one. Raises DuplicateKey."""
    found: dict[str, str] = {}
    for tag in given or ():
        key = tag.get("Key", "")
        if key in found:
            raise DuplicateKey(key)
        found[key] = tag.get("Value", "")
    return found


@dataclass(frozen=True, kw_only=True)
class Tagging:
    """What one service says to a key that is given twice, to one that AWS keeps for itself, and to too many tags."""

    duplicate: Callable[[str], Exception]
    reserved: Callable[[str], Exception]
    too_many: Callable[[int], Exception]
    most: int = 50

    def given(self, tags: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
        """`[{Key, Value}]` as a mapping. Raises what the service says."""
        try:
            found = mapped(tags)
        except DuplicateKey as error:
            raise self.duplicate(str(error)) from error
        for key in found:
            if not key or key.lower().startswith("aws:"):
                raise self.reserved(key)
        return self.at_most(found)

    def at_most(self, found: dict[str, str]) -> dict[str, str]:
        """The same tags, unless there are too many. Raises what the service says."""
        if len(found) > self.most:
            raise self.too_many(self.most)
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
