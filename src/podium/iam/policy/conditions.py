"""Conditions: `{"StringEquals": {"aws:username": ["ann", "bob"]}}` as a question to a request.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context
keys".
"""

import ipaddress
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from podium.iam.policy.patterns import Matcher, literal, wildcard
from podium.iam.policy.request import Request, Values

Test = Callable[[Request], bool]
Maker = Callable[[str, bool], Matcher]
ALL_VALUES, ANY_VALUE, IF_EXISTS = "ForAllValues:", "ForAnyValue:", "IfExists"


@dataclass(frozen=True, slots=True)
class Operator:
    """`base` names what is compared; `negated` operators hold where none of the policy's values matches."""

    base: str
    negated: bool
    quantifier: str
    if_exists: bool


def read_operator(name: str) -> Operator | None:
    """The operator that a policy writes as `name`; None when there is none such."""
    quantifier = next((q for q in (ALL_VALUES, ANY_VALUE) if name.startswith(q)), "")
    base = name.removeprefix(quantifier)
    if_exists = base.endswith(IF_EXISTS) and base != "Null"
    base = base.removesuffix(IF_EXISTS)
    negated = base in NEGATED
    base = NEGATED.get(base, base)
    if base not in MAKERS and (base != "Null" or if_exists):
        return None
    return Operator(base, negated, quantifier, if_exists)


def is_negated(name: str) -> bool:
    known = read_operator(name)
    return known is not None and known.negated


def condition(name: str, key: str, wanted: Sequence[str], variables: bool) -> Test:
    """Whether a request fulfils one key of one operator. The operator must be known, the key in lower case."""
    known = read_operator(name)
    assert known is not None, f"there is no operator {name}: documents are validated before they are kept"
    if known.base == "Null":
        return _null(key, wanted)
    tests = [MAKERS[known.base](text, variables) for text in wanted]
    every = known.quantifier == ALL_VALUES or (known.negated and not known.quantifier)
    absent = known.if_exists or every

    def holds(request: Request) -> bool:
        held = request.context.get(key)
        if not held:
            return absent
        for value in held:
            if any(test(value, request) for test in tests) is known.negated:
                if every:
                    return False
            elif not every:
                return True
        return every

    return holds


def _null(key: str, wanted: Sequence[str]) -> Test:
    """`{"Null": {"aws:TokenIssueTime": "true"}}`: whether the key is not there."""
    absent_is = {text.lower() == "true" for text in wanted}
    return lambda request: (not request.context.get(key)) in absent_is


def _string_equals(text: str, variables: bool) -> Matcher:
    return literal(text, variables=variables)


def _string_equals_folded(text: str, variables: bool) -> Matcher:
    return literal(text, variables=variables, fold=True)


def _string_like(text: str, variables: bool) -> Matcher:
    return wildcard(text, variables=variables)


def _bool(text: str, variables: bool) -> Matcher:
    wanted = text.lower()
    return lambda value, request: value.lower() == wanted


def _arn(text: str, variables: bool) -> Matcher:
    """Each of the six parts of an ARN by itself: a wildcard does not reach over a colon."""
    parts = [wildcard(part, variables=variables) for part in _cut_arn(text)]

    def match(value: str, request: Request) -> bool:
        given = value.split(":", 5)
        return len(given) == len(parts) and all(m(v, request) for m, v in zip(parts, given, strict=True))

    return match


def _cut_arn(text: str) -> list[str]:
    """Cut at the first five colons that belong to no variable. A lone `*` stands for every part."""
    if text == "*":
        return ["*"] * 6
    parts, depth = [""], 0
    for letter in text:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if letter == ":" and depth == 0 and len(parts) < 6:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")  # equal to nothing, smaller and larger than nothing


def _compared(read: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Maker:
    def make(text: str, variables: bool) -> Matcher:
        wanted = read(text)

        def match(value: str, request: Request) -> bool:
            held = read(value)
            return held is not None and wanted is not None and compare(held, wanted)

        return match

    return make


@lru_cache(maxsize=1024)
def moment(text: str) -> float | None:
    """A date as seconds of the epoch: ISO 8601 in one of the W3C's forms, or the seconds themselves."""
    if text.lstrip("-").isdecimal() and len(text.lstrip("-")) != 4:
        return float(text)
    text = {4: f"{text}-01-01", 7: f"{text}-01"}.get(len(text), text)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _address(text: str, variables: bool) -> Matcher:
    network = _network(text)

    def match(value: str, request: Request) -> bool:
        given = _network(value)
        return network is not None and given is not None and _within(given, network)

    return match


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=1024)
def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _within(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


_ORDERS = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
MAKERS: dict[str, Maker] = {
    "StringEquals": _string_equals,
    "StringEqualsIgnoreCase": _string_equals_folded,
    "StringLike": _string_like,
    "BinaryEquals": _string_equals,
    "Bool": _bool,
    "ArnEquals": _arn,
    "ArnLike": _arn,
    "IpAddress": _address,
    **{f"Numeric{order}": _compared(_number, compare) for order, compare in _ORDERS.items()},
    **{f"Date{order}": _compared(moment, compare) for order, compare in _ORDERS.items()},
}
NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
}

__all__ = ["Operator", "Test", "Values", "condition", "moment", "read_operator"]
