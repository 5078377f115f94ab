"""`= 4*`, `>= 500`, `!= "a b"`, `= %regex%`: what a value is compared with."""

import re
from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any

from podium.logs.patterns.expressions import regex
from podium.logs.patterns.matching import InvalidPattern
from podium.logs.patterns.tokens import Tokens

Test = Callable[[Any], bool]
LARGEST = 1e300
ORDERED: dict[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


def comparison(tokens: Tokens) -> Test:
    """An operator and what stands after it. Raises InvalidPattern."""
    operator, wanted = tokens.take(), tokens.take()
    if operator.text in ORDERED and operator.kind == "mark":
        return _ordered(ORDERED[operator.text], number(wanted.text) if wanted.kind == "word" else None)
    if operator.kind != "mark" or operator.text not in ("=", "!="):
        raise InvalidPattern(f"'{operator.text}' does not compare")
    equal = _equal(wanted.kind, wanted.text)
    return equal if operator.text == "=" else lambda value: text(value) is not None and not equal(value)


def number(given: Any) -> float | None:
    """Of a number, or of a text that is one."""
    if isinstance(given, int | float) and not isinstance(given, bool):
        return float(given) if abs(given) < LARGEST else None
    return float(given) if isinstance(given, str) and _NUMBER.fullmatch(given) else None


def text(value: Any) -> str | None:
    """Of a text or a number; nothing else is compared."""
    if isinstance(value, str):
        return value
    return str(value) if number(value) is not None else None


def _ordered(holds: Callable[[float, float], bool], wanted: float | None) -> Test:
    if wanted is None:
        raise InvalidPattern("only a number is larger or smaller")

    def test(value: Any) -> bool:
        found = number(value)
        return found is not None and holds(found, wanted)

    return test


def _equal(kind: str, wanted: str) -> Test:
    if kind == "regex":
        within = regex(wanted[1:-1]).within
        return lambda value: (found := text(value)) is not None and within(found)
    if kind not in ("text", "word"):
        raise InvalidPattern(f"'{wanted}' is nothing to compare with")
    same = _like(re.sub(r"\\(.)", r"\1", wanted[1:-1], flags=re.DOTALL) if kind == "text" else wanted)
    as_number = number(wanted) if kind == "word" else None
    return lambda value: (
        (found := text(value)) is not None and (same(found) or (as_number is not None and number(value) == as_number))
    )


def _like(wanted: str) -> Callable[[str], bool]:
    """Each asterisk stands for any text."""
    first, *rest = wanted.split("*")
    if not rest:
        return lambda found: found == wanted
    *between, last = rest

    def test(found: str) -> bool:
        if not found.startswith(first) or not found.endswith(last):
            return False
        at, end = len(first), len(found) - len(last)
        for part in between:
            at = found.find(part, at, end)
            if at < 0:
                return False
            at += len(part)
        return at <= end

    return test
