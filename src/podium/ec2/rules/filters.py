"""`Filters`: each names a property and the values that it may have; what is found matches all of them.

In a value, `*` stands for any characters and `?` for one; a backslash takes that meaning away. Case counts.
Source: Amazon EC2 User Guide, "Filtering using the AWS CLI and API"; API Reference, Filter.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from podium.ec2.errors import Invalid, Missing, TooManyValues

R = TypeVar("R")
Look = Callable[[R], Iterable[Any]]
MOST_VALUES = 200


def select(rows: Iterable[R], filters: Sequence[Mapping[str, Any]] | None, looks: Mapping[str, Look[R]]) -> list[R]:
    """`looks` has, by the filter's name, what a row shows of it. Raises Invalid for a name it does not have."""
    found = list(rows)
    for item in filters or ():
        name, values = item.get("Name"), item.get("Values")
        if not name:
            raise Missing("The request must contain the parameter filter name")
        if not values:
            raise Missing(f"The filter '{name}' must have at least one value.")
        if len(values) > MOST_VALUES:
            raise TooManyValues(f"The maximum length for a list of filter values is {MOST_VALUES}")
        look, wanted = _look(name, looks), [_pattern(value) for value in values]
        found = [row for row in found if any(p.fullmatch(shown) for shown in _shown(look(row)) for p in wanted)]
    return found


def _look(name: str, looks: Mapping[str, Look[R]]) -> Look[R]:
    if name.startswith("tag:") and "tag-key" in looks:
        key = name.removeprefix("tag:")
        return lambda row: [v for k, v in row.tags.items() if k == key]  # type: ignore[attr-defined]
    if name not in looks:
        raise Invalid(f"The filter '{name}' is invalid")
    return looks[name]


def _shown(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        if isinstance(value, bool):
            yield "true" if value else "false"
        elif value is not None:
            yield str(value)


@lru_cache(maxsize=1024)
def _pattern(value: str) -> re.Pattern[str]:
    written = re.sub(r"\\(.)|([*?])|(.)", _piece, value, flags=re.DOTALL)
    return re.compile(written, re.DOTALL)


def _piece(found: re.Match[str]) -> str:
    escaped, wild, plain = found.groups()
    if wild:
        return ".*" if wild == "*" else "."
    return re.escape(escaped or plain)


def of(*path: str) -> Look[Any]:
    """A row's field, or a field of a field."""

    def look(row: Any) -> Iterable[Any]:
        for name in path:
            row = getattr(row, name, None)
        return (row,)

    return look


def fixed(value: Any) -> Look[Any]:
    return lambda row: (value,)


TAGS: Mapping[str, Look[Any]] = {
    "tag-key": lambda row: row.tags.keys(),
    "tag-value": lambda row: row.tags.values(),
}
