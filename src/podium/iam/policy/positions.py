"""Where in its text each statement of a policy stands."""

import json
from collections.abc import Iterator

_SPACE = " \t\r\n,:"
_decode = json.JSONDecoder().raw_decode

Position = tuple[int, int]  # line and column, both from 1


def statements(text: str) -> list[tuple[Position, Position]]:
    """First and last position of every statement, in order. The document must be valid."""
    return [(_position(text, start), _position(text, end)) for start, end in _spans(text)]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    at = _after_space(text, text.index("{") + 1)
    while text[at] != "}":
        key, at = _decode(text, at)
        at = _after_space(text, at)
        _, end = _decode(text, at)
        if key == "Statement":
            yield from _elements(text, at + 1) if text[at] == "[" else [(at, end)]
        at = _after_space(text, end)


def _elements(text: str, at: int) -> Iterator[tuple[int, int]]:
    at = _after_space(text, at)
    while text[at] != "]":
        _, end = _decode(text, at)
        yield at, end
        at = _after_space(text, end)


def _after_space(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at


def _position(text: str, at: int) -> Position:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
