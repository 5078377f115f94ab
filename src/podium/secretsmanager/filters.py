"""Which secrets a list is to hold. A value that begins with `!` says which it is not to hold.

Source: Secrets Manager API Reference, Filter.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from podium.secretsmanager.errors import InvalidParameter
from podium.secretsmanager.records import Secret

Texts = Callable[[Secret], Iterable[str]]


def passes(held: Secret, given: Sequence[Mapping[str, Any]]) -> bool:
    """Every filter must be passed, by any of its values. Raises InvalidParameter for one of no key."""
    if any("Key" not in each for each in given):
        raise InvalidParameter("Say of each filter in Filters what it looks at: its Key.")
    return all(_passes(held, each["Key"], each["Values"]) for each in given if each.get("Values"))


def _passes(held: Secret, key: str, values: Sequence[str]) -> bool:
    wanted = [value for value in values if not value.startswith("!")]
    unwanted = [value.removeprefix("!") for value in values if value.startswith("!")]
    matches = _match_all if key == "all" else _match
    if any(matches(held, key, value) for value in unwanted):
        return False
    return not wanted or any(matches(held, key, value) for value in wanted)


def _match(held: Secret, key: str, value: str) -> bool:
    texts = _TEXTS[key](held)
    if key == "description":
        return any(text.lower().startswith(value.lower()) for text in texts)
    return any(text.startswith(value) for text in texts)


def _match_all(held: Secret, key: str, value: str) -> bool:
    """Each word of the value begins something about the secret, in whatever case."""
    texts = [text.lower() for texts in _TEXTS.values() for text in texts(held)]
    return all(any(text.startswith(word) for text in texts) for word in value.lower().split())


def _description(held: Secret) -> Iterable[str]:
    """It and its words."""
    return (held.description, *held.description.split()) if held.description else ()


_TEXTS: dict[str, Texts] = {
    "name": lambda held: (held.name,),
    "description": _description,
    "tag-key": lambda held: held.tags.keys(),
    "tag-value": lambda held: held.tags.values(),
    "primary-region": lambda held: (),
    "owning-service": lambda held: (),
}
