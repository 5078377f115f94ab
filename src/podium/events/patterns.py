"""Event patterns: whether a rule is about an event.

A pattern is compiled to a test of events once, and what is wrong with it is found while that is done. It names the
members that matter; a list says what the value, or one of several, may be. Members of the same object in an array are
looked for in one element.
Source: Amazon EventBridge User Guide, "Creating Amazon EventBridge event patterns".
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from podium.events.matchers import InvalidPattern, Test, compared, equal, is_scalar

Matches = Callable[[Mapping[str, Any]], bool]
DEEPEST = 50


def compiled(text: str) -> Matches:
    """Raises InvalidPattern."""
    try:
        pattern = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidPattern("Pattern is not valid JSON") from error
    if not isinstance(pattern, dict):
        raise InvalidPattern("Pattern is not an object")
    return _object(pattern, 0)


def _object(pattern: Mapping[str, Any], depth: int) -> Matches:
    if not pattern:
        raise InvalidPattern("Empty objects are not allowed")
    if depth > DEEPEST:
        raise InvalidPattern(f"Objects are nested more than {DEEPEST} deep")
    tests = [_any_of(value, depth) if name == "$or" else _member(name, value, depth) for name, value in pattern.items()]
    return lambda event: all(test(event) for test in tests)


def _any_of(alternatives: Any, depth: int) -> Matches:
    if not isinstance(alternatives, list) or len(alternatives) < 2:
        raise InvalidPattern("There must have at least 2 Objects in $or relationship.")
    if not all(isinstance(one, dict) for one in alternatives):
        raise InvalidPattern("Only JSON object is allowed in array of $or relationship.")
    tests = [_object(one, depth + 1) for one in alternatives]
    return lambda event: any(test(event) for test in tests)


def _member(name: str, pattern: Any, depth: int) -> Matches:
    if isinstance(pattern, dict):
        inner = _object(pattern, depth + 1)
        return lambda event: any(inner(held) for held in _objects(event.get(name)))
    if not isinstance(pattern, list):
        raise InvalidPattern(f'"{name}" must be an object or an array')
    if not pattern:
        raise InvalidPattern("Empty arrays are not allowed")
    there = [_value(one) for one in pattern if not _asks_presence(one)]
    presence = [_presence(one) for one in pattern if _asks_presence(one)]

    def test(event: Mapping[str, Any]) -> bool:
        values = _leaves(event.get(name), name in event)
        return bool(values) in presence or any(one(value) for one in there for value in values)

    return test


def _value(pattern: Any) -> Test:
    if is_scalar(pattern):
        return equal(pattern)
    if not isinstance(pattern, dict):
        raise InvalidPattern("Match value must be String, number, true, false, or null")
    return compared(pattern)


def _asks_presence(pattern: Any) -> bool:
    return isinstance(pattern, dict) and pattern.keys() == {"exists"}


def _presence(pattern: Mapping[str, Any]) -> bool:
    if not isinstance(pattern["exists"], bool):
        raise InvalidPattern("exists match pattern must be either true or false.")
    return pattern["exists"]


def _objects(value: Any) -> list[Mapping[str, Any]]:
    """What members are looked for in. Where there is nothing they are looked for in vain, and may be said not to be."""
    held = value if isinstance(value, list) else [value]
    return [one for one in held if isinstance(one, dict)] or [{}]


def _leaves(value: Any, there: bool) -> list[Any]:
    """The scalars that a member is, of which an array may have several and an object has none."""
    held = value if isinstance(value, list) else [value] if there else []
    return [one for one in held if is_scalar(one)]
