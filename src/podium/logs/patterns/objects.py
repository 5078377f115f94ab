"""`{ $.status >= 500 && $.path != "/health*" }`: conditions on messages that are JSON objects."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from podium.logs.patterns import comparing, logic
from podium.logs.patterns.matching import InvalidPattern
from podium.logs.patterns.tokens import Tokens

_STEP = re.compile(r"\.?\[([0-9]+)\]|\.?\[(\*)\]|\.?\['([^']*)'\]|\.?\[\"([^\"]*)\"\]|\.([\w-]+)")
STATES: Mapping[str, Callable[[Any], bool]] = {
    "NULL": lambda value: value is None,
    "TRUE": lambda value: value is True,
    "FALSE": lambda value: value is False,
}
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Objects:
    test: Callable[[Any], bool]
    selectors: Mapping[str, Path]

    def matches(self, message: str) -> bool:
        held = _object(message)
        return held is not None and self.test(held)

    def extracted(self, message: str) -> Mapping[str, str]:
        """The values of what is selected, each as JSON unless it is a text."""
        held = _object(message)
        found = {text: list(_at(held, path)) for text, path in self.selectors.items()}
        return {text: _shown(values[0]) for text, values in found.items() if values}


def parsed(text: str) -> Objects:
    """Raises Invalid."""
    if not text.endswith("}"):
        raise InvalidPattern("a brace is not closed")
    tokens, selectors = Tokens(text[1:-1]), dict[str, Path]()
    test = logic.expression(tokens, lambda tokens: _condition(tokens, selectors))
    if tokens.next.kind != "end":
        raise InvalidPattern(f"'{tokens.next.text}' is too much")
    return Objects(test, selectors)


def selected(message: str, selector: str) -> str | None:
    """What a selector finds in a message, if it is JSON, whatever any pattern asks for."""
    held = _object(message)
    found = list(_at(held, tuple(_steps(selector)))) if held is not None else []
    return _shown(found[0]) if found else None


def _condition(tokens: Tokens, selectors: dict[str, Path]) -> Callable[[Any], bool]:
    kind, selector = tokens.take()
    if kind != "selector":
        raise InvalidPattern(f"'{selector}' is no selector: these begin with $.")
    path = selectors[selector] = tuple(_steps(selector))
    if tokens.takes("EXISTS"):
        return lambda held: any(True for _ in _at(held, path))
    if tokens.takes("NOT"):
        tokens.expect("EXISTS")
        return lambda held: not any(True for _ in _at(held, path))
    test = _state(tokens) if tokens.takes("IS") else comparing.comparison(tokens)
    return lambda held: any(test(value) for value in _at(held, path))


def _state(tokens: Tokens) -> Callable[[Any], bool]:
    wanted = tokens.take().text
    if wanted not in STATES:
        raise InvalidPattern(f"nothing is {wanted}: a value is NULL, TRUE or FALSE")
    return STATES[wanted]


def _steps(selector: str) -> Iterator[str | int]:
    """Of `$.a[0]['b c'][*]`: a, 0, `b c`, and -1 for every one of an array."""
    for step in _STEP.finditer(selector, 1):
        index, every, *names = step.groups()
        yield int(index[:9]) if index is not None else -1 if every else next(name for name in names if name is not None)


def _at(held: Any, path: Path) -> Iterator[Any]:
    """None, one, or as many as arrays have members."""
    found = [held]
    for step in path:
        if isinstance(step, str):
            found = [value[step] for value in found if isinstance(value, dict) and step in value]
        elif step < 0:
            found = [member for value in found if isinstance(value, list) for member in value]
        else:
            found = [value[step] for value in found if isinstance(value, list) and step < len(value)]
    return iter(found)


def _object(message: str) -> Mapping[str, Any] | None:
    if not message.lstrip().startswith("{"):
        return None
    try:
        held = msgspec.json.decode(message)
    except (ValueError, RecursionError):
        return None
    return held if isinstance(held, dict) else None


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
