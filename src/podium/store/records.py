"""What a record is: a frozen value with a table, a key and a format number."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, Self, TypeVar, dataclass_transform

R = TypeVar("R")


class Total(Protocol):
    """What records that share the value of a field come to together. Frozen; made without arguments it is of none.

    Adding records and taking them away again, in any order, must lead back to the same total.
    """

    def plus(self, record: Any) -> Self: ...

    def minus(self, record: Any) -> Self: ...


@dataclass_transform(frozen_default=True, kw_only_default=True)
def part(cls: type[R]) -> type[R]:
    """A frozen, keyword-only value that lives inside a record."""
    for name, value in list(vars(cls).items()):
        if value == {} and name in cls.__annotations__:
            setattr(cls, name, field(default_factory=dict))
    made = dataclass(frozen=True, kw_only=True, slots=True)(cls)
    names = [each.name for each in fields(made)]  # type: ignore[arg-type]
    if len(names) > 1:
        setters = tuple(getattr(made, name).__set__ for name in names)
        _COPYING[made] = _Copying(attrgetter(*names), setters, {name: at for at, name in enumerate(names)})
    return made


class _Copying(NamedTuple):
    """How a kind of record is copied: all its fields are read at once, and written one by one."""

    values: Callable[[Any], tuple[Any, ...]]
    setters: tuple[Callable[[Any, Any], None], ...]
    places: Mapping[str, int]


_COPYING: dict[type[Any], _Copying] = {}


def replace(record: R, /, **changes: Any) -> R:
    """What `dataclasses.replace` gives, and faster for records: tasks change often and have fifty fields."""
    copying = _COPYING.get(type(record))
    if copying is None:
        return dataclasses.replace(record, **changes)  # type: ignore[type-var]
    values = list(copying.values(record))
    for name, value in changes.items():
        if name not in copying.places:
            raise TypeError(f"{type(record).__name__} has no field {name}")
        values[copying.places[name]] = value
    made: R = object.__new__(type(record))
    for put, value in zip(copying.setters, values, strict=True):
        put(made, value)
    return made


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(
    *,
    table: str,
    indexes: tuple[str, ...] = (),
    totals: Mapping[str, type[Total]] | None = None,
    format: int = 1,
    cold: bool = False,
) -> Callable[[type[R]], type[R]]:
    """Make the class a frozen, keyword-only record kept in `table`.

    Its key is the field `arn`, which holds partition, region and account. `indexes` name the
    fields that `list` may select by without reading every row; `totals`, by field, what is summed up
    for each of its values, so that nobody need read every row for that either. `format` rises whenever a
    program that knows the older shape could no longer read what this one writes. A `cold` kind is only
    ever added to, with keys that rise with time; it stays in the database and is read there, in pages.
    """

    def make(cls: type[R]) -> type[R]:
        made: Any = part(cls)
        names = {field.name for field in fields(made)}
        assert {"arn", *indexes, *(totals or ())} <= names, f"{cls.__name__} lacks a key or an indexed field"
        made.__table__, made.__indexes__, made.__format_number__ = table, indexes, format
        made.__totals__, made.__cold__ = totals or {}, cold
        return made  # type: ignore[no-any-return]

    return make
