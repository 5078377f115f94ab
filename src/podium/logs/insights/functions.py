"""What an expression may call. A function of what is not there gives nothing, unless it asks whether it is there."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from podium.logs.insights.rows import Moment, number, text

LONGEST = 2**21  # characters that a function may make; of what would be longer it makes nothing


class Function(NamedTuple):
    least: int
    most: int
    call: Callable[..., Any]


def _numeric(work: Callable[..., float | None], least: int = 1, most: int = 1) -> Function:
    def call(*given: Any) -> Any:
        numbers = [number(value) for value in given]
        if any(value is None for value in numbers):
            return None
        try:
            return work(*numbers)
        except (ValueError, OverflowError):
            return None

    return Function(least, most, call)


def _textual(work: Callable[..., Any], least: int = 1, most: int = 1) -> Function:
    def call(*given: Any) -> Any:
        texts = [text(value) for value in given]
        return None if any(value is None for value in texts) else work(*texts)

    return Function(least, most, call)


def _substring(held: str, start: str, length: str | None = None) -> str | None:
    first, size = number(start), number(length) if length is not None else float(len(held))
    if first is None or size is None:
        return None
    return held[int(max(first, 0)) : int(max(first, 0) + max(size, 0))]


def _joined(*parts: str) -> str | None:
    return "".join(parts) if sum(map(len, parts)) <= LONGEST else None


def _replaced(held: str, old: str, new: str) -> str | None:
    return held.replace(old, new) if len(held) + held.count(old) * len(new) <= LONGEST else None


def _coalesce(*given: Any) -> Any:
    return next((value for value in given if value is not None), None)


FUNCTIONS: Mapping[str, Function] = {
    "abs": _numeric(abs),
    "ceil": _numeric(math.ceil),
    "floor": _numeric(math.floor),
    "sqrt": _numeric(math.sqrt),
    "log": _numeric(math.log),
    "greatest": _numeric(max, 2, 20),
    "least": _numeric(min, 2, 20),
    "strlen": _textual(len),
    "toupper": _textual(str.upper),
    "tolower": _textual(str.lower),
    "trim": _textual(str.strip, 1, 2),
    "ltrim": _textual(str.lstrip, 1, 2),
    "rtrim": _textual(str.rstrip, 1, 2),
    "concat": _textual(_joined, 1, 20),
    "strcontains": _textual(lambda held, part: int(part in held), 2, 2),
    "substr": _textual(_substring, 2, 3),
    "replace": _textual(_replaced, 3, 3),
    "isempty": Function(1, 1, lambda value: value is None or text(value) == ""),
    "isblank": Function(1, 1, lambda value: value is None or not (text(value) or "").strip()),
    "ispresent": Function(1, 1, lambda value: value is not None),
    "coalesce": Function(1, 20, _coalesce),
    "frommillis": _numeric(lambda millis: Moment(int(millis))),
    "tomillis": _numeric(lambda moment: int(moment)),
}
SPANS: Mapping[str, int] = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}  # milliseconds


def binned(moment: Any, span: int) -> Moment | None:
    """The beginning of the part of that length in which it is."""
    found = number(moment)
    return None if found is None else Moment(int(found) // span * span)
