"""Shapes from JSON. A value of the wrong type is refused in the words of AWS's own parser."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from podium.wire.errors import SerializationException
from podium.wire.plans import Makers, Plans, wire_name
from podium.wire.scalars import blob_from_text, timestamp_from_number, timestamp_from_text, within

Read = Callable[[Any], Any]


def _token(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    return "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"


def _mistyped(value: Any, wanted: str) -> SerializationException:
    """The sentences of AWS's own parser for a value of the wrong type."""
    if isinstance(value, dict):
        return SerializationException("Start of structure or map found where not expected.")
    if isinstance(value, list):
        return SerializationException("Start of list found where not expected")
    return SerializationException(f"{_token(value)} can not be converted to {wanted}")


def _structure(shape: StructureShape, plans: Plans[Read]) -> Read:
    fields: dict[str, tuple[str, Read]] = {}

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise _mistyped(value, "a Structure")
        if not fields:
            fields.update({wire_name(name, m): (name, plans.of(m)) for name, m in shape.members.items()})
        members = {}
        for key, held in value.items():
            if held is not None and (field := fields.get(key)) is not None:
                members[field[0]] = field[1](held)
        return members

    return (lambda value: value) if shape.is_document_type else read


def _list(shape: ListShape, plans: Plans[Read]) -> Read:
    def read(value: Any) -> list[Any]:
        if type(value) is not list:
            raise _mistyped(value, "a List")
        item = plans.of(shape.member)
        return [item(held) for held in value if held is not None]

    return read


def _map(shape: MapShape, plans: Plans[Read]) -> Read:
    def read(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise _mistyped(value, "a Map")
        item = plans.of(shape.value)
        return {key: item(held) for key, held in value.items() if held is not None}

    return read


def _string(shape: Shape) -> Read:
    def read(value: Any) -> str:
        if type(value) is not str:
            raise _mistyped(value, "a String")
        return value

    return read


def _boolean(shape: Shape) -> Read:
    def read(value: Any) -> bool:
        if type(value) is not bool:
            raise _mistyped(value, "a Boolean")
        return value

    return read


def _integer(shape: Shape) -> Read:
    wanted = "an Integer" if shape.type_name == "integer" else "a Long"

    def read(value: Any) -> int:
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int:
            raise _mistyped(value, wanted)
        return within(value, shape.type_name)

    return read


def _float(shape: Shape) -> Read:
    def read(value: Any) -> float:
        if type(value) in (int, float):
            return float(value)
        if value in ("NaN", "Infinity", "-Infinity"):
            return float(value)
        raise _mistyped(value, "a Double" if shape.type_name == "double" else "a Float")

    return read


def _timestamp(shape: Shape) -> Read:
    def read(value: Any) -> datetime:
        if type(value) in (int, float):
            return timestamp_from_number(value)
        if type(value) is str:
            return timestamp_from_text(value)
        raise _mistyped(value, "a Timestamp")

    return read


def _blob(shape: Shape) -> Read:
    def read(value: Any) -> bytes:
        if type(value) is not str:
            raise _mistyped(value, "a Blob")
        return blob_from_text(value)

    return read


READERS = Makers[Read](
    structure=_structure,
    sequence=_list,
    mapping=_map,
    scalars={
        "string": _string,
        "character": _string,
        "boolean": _boolean,
        "integer": _integer,
        "long": _integer,
        "float": _float,
        "double": _float,
        "timestamp": _timestamp,
        "blob": _blob,
    },
)
