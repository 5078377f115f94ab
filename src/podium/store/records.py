"""What a record is: a frozen value with a table, a key and a format number."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Protocol, Self, TypeVar, cast, dataclass_transform

import msgspec

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
    body = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
    body["__qualname__"] = cls.__qualname__
    made = msgspec.StructMeta(cls.__name__, (msgspec.Struct,), body, frozen=True, kw_only=True)
    return cast(type[R], made)


def replace(record: R, /, **changes: Any) -> R:
    """A record or another frozen value with some fields changed. Raises TypeError for a field that it has not."""
    if isinstance(record, msgspec.Struct):
        return msgspec.structs.replace(record, **changes)
    return cast(R, dataclasses.replace(cast(Any, record), **changes))


def members(record: Any) -> dict[str, Any]:
    """The fields of a record by their names."""
    return msgspec.structs.asdict(record)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(
    *,
    table: str,
    indexes: tuple[str, ...] = (),
    totals: Mapping[str, type[Total]] | None = None,
    ordered: tuple[str, ...] = (),
    format: int = 1,
    cold: bool = False,
) -> Callable[[type[R]], type[R]]:
    """Make the class a frozen, keyword-only record kept in `table`.

    Its key is the field `arn`, which holds partition, region and account. `indexes` name the
    fields that `list` may select by without reading every row; `totals`, by field, what is summed up
    for each of its values, so that nobody need read every row for that either; `ordered` names fields by whose values
    `walk` goes through the rows in the order of their keys without sorting them. `format` rises whenever a
    program that knows the older shape could no longer read what this one writes. A `cold` kind is only
    ever added to, with keys that rise with time; it stays in the database and is read there, in pages.
    """

    def make(cls: type[R]) -> type[R]:
        made: Any = part(cls)
        assert {"arn", *indexes, *(totals or ()), *ordered} <= {*made.__struct_fields__}, (
            f"{cls.__name__} lacks a key or an indexed field"
        )
        made.__table__, made.__indexes__, made.__format_number__ = table, indexes, format
        made.__totals__, made.__ordered__, made.__cold__ = totals or {}, ordered, cold
        return made  # type: ignore[no-any-return]

    return make
