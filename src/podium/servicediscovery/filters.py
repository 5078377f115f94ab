"""Filters of lists: a name, the values that match, and how.

Source: AWS Cloud Map API Reference, NamespaceFilter, ServiceFilter, OperationFilter.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from podium.servicediscovery.errors import InvalidInput

R = TypeVar("R")
EQ, IN, BETWEEN, BEGINS_WITH = "EQ", "IN", "BETWEEN", "BEGINS_WITH"
SELF = "SELF"  # there are no shared namespaces: all that there is belongs to the account that asks
OWNERS = (SELF, "OTHER_ACCOUNTS")


class By:
    """A filter: what it compares, the conditions that it knows, and the values it takes; None for any."""

    def __init__(self, value: Callable[[Any], str], *conditions: str, among: Sequence[str] | None = None) -> None:
        self.value, self.conditions, self.among = value, (EQ, *conditions), among


class Between(By):
    """One that compares moments, given in seconds since the epoch."""

    def __init__(self, value: Callable[[Any], Any]) -> None:
        super().__init__(value)
        self.conditions = (BETWEEN,)


def kept(rows: Sequence[R], given: Sequence[Mapping[str, Any]] | None, known: Mapping[str, By]) -> list[R]:
    """The rows that all the filters match. Raises InvalidInput."""
    tests = [_test(one, known) for one in given or ()]
    return [row for row in rows if all(test(row) for test in tests)]


def _test(given: Mapping[str, Any], known: Mapping[str, By]) -> Callable[[Any], bool]:
    name, values = given["Name"], given["Values"]
    if name not in known:
        raise InvalidInput(f"Invalid filter name {name}: it must be one of {', '.join(known)}")
    by = known[name]
    condition = given.get("Condition") or by.conditions[0]
    if condition not in by.conditions:
        raise InvalidInput(f"Filter {name} does not support the condition {condition}")
    if not values or (condition in (EQ, BEGINS_WITH) and len(values) > 1):
        raise InvalidInput(f"Filter {name} takes exactly one value with the condition {condition}")
    if by.among is not None and condition != BEGINS_WITH:
        for value in values:
            if value not in by.among:
                raise InvalidInput(f"Invalid value {value} of filter {name}: it must be one of {', '.join(by.among)}")
    if condition == BETWEEN:
        return _between(name, by, values)
    if condition == BEGINS_WITH:
        return lambda row: by.value(row).startswith(values[0])
    return lambda row: by.value(row) in values


def _between(name: str, by: By, values: Sequence[str]) -> Callable[[Any], bool]:
    try:
        first, last = (datetime.fromtimestamp(float(value), UTC) for value in values)
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidInput(f"Filter {name} takes two times in seconds since the epoch") from error
    return lambda row: first <= by.value(row) <= last  # type: ignore[operator]
