"""What a record is: a frozen value with a table, a key and a format number."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

R = TypeVar("R")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def part(cls: type[R]) -> type[R]:
    """A frozen, keyword-only value that lives inside a record."""
    for name, value in list(vars(cls).items()):
        if value == {} and name in cls.__annotations__:
            setattr(cls, name, field(default_factory=dict))
    return dataclass(frozen=True, kw_only=True, slots=True)(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(
    *, table: str, indexes: tuple[str, ...] = (), format: int = 1, cold: bool = False
) -> Callable[[type[R]], type[R]]:
    """Make the class a frozen, keyword-only record kept in `table`.

    Its key is the field `arn`, which holds partition, region and account. `indexes` name the
    fields that `list` may select by without reading every row. `format` rises whenever a
    program that knows the older shape could no longer read what this one writes. A `cold` kind is only
    ever added to, with keys that rise with time; it stays in the database and is read there, in pages.
    """

    def make(cls: type[R]) -> type[R]:
        made: Any = part(cls)
        names = {field.name for field in fields(made)}
        assert {"arn", *indexes} <= names, f"{cls.__name__} lacks a key or an indexed field"
        made.__table__, made.__indexes__, made.__format_number__ = table, indexes, format
        made.__cold__ = cold
        return made  # type: ignore[no-any-return]

    return make
