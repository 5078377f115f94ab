"""What a value of an event may be compared with: a table of comparisons, each made from what the pattern says.

Source: Amazon EventBridge User Guide, "Comparison operators for use in event patterns".
"""

import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt
from typing import Any

Test = Callable[[Any], bool]
COMPARISONS: dict[str, Callable[[float, float], bool]] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}
LARGEST = 5.0e9


class InvalidPattern(Exception):
    """Its only argument says why."""


def is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | float)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def equal(wanted: Any) -> Test:
    """Numbers are equal by their value, and `true` is no number."""
    return lambda value: value == wanted and is_number(value) is is_number(wanted)


def compared(given: dict[str, Any]) -> Test:
    """`{"prefix": "a"}` and its like. Raises InvalidPattern."""
    if len(given) != 1:
        raise InvalidPattern("Only one key allowed in match expression")
    [(name, operand)] = given.items()
    if name not in MATCHERS:
        raise InvalidPattern(f"Unrecognized match type {name}")
    return MATCHERS[name](operand)


def _text(operand: Any, name: str) -> str:
    if not isinstance(operand, str):
        raise InvalidPattern(f"{name} match pattern must be a string")
    return operand


def _end(name: str, holds: Callable[[str, str], bool]) -> Callable[[Any], Test]:
    """`prefix` and `suffix`, whose case may be passed over."""

    def make(operand: Any) -> Test:
        if isinstance(operand, dict) and operand.keys() == {"equals-ignore-case"}:
            folded = _text(operand["equals-ignore-case"], name).casefold()
            return lambda value: isinstance(value, str) and holds(value.casefold(), folded)
        wanted = _text(operand, name)
        return lambda value: isinstance(value, str) and holds(value, wanted)

    return make


def _ignoring_case(operand: Any) -> Test:
    folded = _text(operand, "equals-ignore-case").casefold()
    return lambda value: isinstance(value, str) and value.casefold() == folded


def _wildcard(operand: Any) -> Test:
    """`*` is any number of characters, and a backslash makes it, and itself, what it is."""
    wanted = _text(operand, "wildcard")
    if "**" in wanted:
        raise InvalidPattern("Consecutive wildcard characters")
    parts = re.findall(r"\\[*\\]|\*|[^*\\]+|\\", wanted)
    if "\\" in parts:
        raise InvalidPattern("Invalid escape character")
    whole = "".join(".*" if part == "*" else re.escape(part[1:] if part[0] == "\\" else part) for part in parts)
    found = re.compile(whole, re.DOTALL)
    return lambda value: isinstance(value, str) and found.fullmatch(value) is not None


def _numeric(operand: Any) -> Test:
    """`[">", 0]` or `[">", 0, "<=", 5]`."""
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        raise InvalidPattern("Invalid member in numeric match: must be a comparison and a number, once or twice")
    pairs = list(zip(operand[::2], operand[1::2], strict=True))
    for sign, bound in pairs:
        if not isinstance(sign, str) or sign not in COMPARISONS:
            raise InvalidPattern(f"Unrecognized numeric range operator: {sign}")
        if not is_number(bound) or abs(bound) > LARGEST:
            raise InvalidPattern(f"Value of {sign} must be numeric, and within 5.0e9 of zero")
    return lambda value: is_number(value) and all(COMPARISONS[sign](value, bound) for sign, bound in pairs)


def _cidr(operand: Any) -> Test:
    try:
        network = ip_network(_text(operand, "cidr"), strict=False)
    except ValueError as error:
        raise InvalidPattern(f"Malformed CIDR: {operand}") from error

    def test(value: Any) -> bool:
        try:
            return isinstance(value, str) and ip_address(value) in network
        except ValueError:
            return False

    return test


def _anything_but(operand: Any) -> Test:
    """None of the scalars, or none that another comparison with any of its texts finds."""
    if isinstance(operand, dict):
        if len(operand) != 1 or not operand.keys() <= {"prefix", "suffix", "equals-ignore-case", "wildcard"}:
            raise InvalidPattern("Unsupported anything-but pattern")
        [(name, inner)] = operand.items()
        tests = [MATCHERS[name](each) for each in _several(inner)]
    else:
        tests = [_equal(each) for each in _several(operand)]
    return lambda value: not any(test(value) for test in tests)


def _several(operand: Any) -> list[Any]:
    found = operand if isinstance(operand, list) else [operand]
    if not found:
        raise InvalidPattern("Empty arrays are not allowed")
    return found


def _equal(wanted: Any) -> Test:
    if not is_scalar(wanted):
        raise InvalidPattern("Inside anything but list, values must be strings or numbers")
    return equal(wanted)


MATCHERS: dict[str, Callable[[Any], Test]] = {
    "prefix": _end("prefix", str.startswith),
    "suffix": _end("suffix", str.endswith),
    "equals-ignore-case": _ignoring_case,
    "wildcard": _wildcard,
    "numeric": _numeric,
    "cidr": _cidr,
    "anything-but": _anything_but,
}
