"""Shapes as JSON values. A member that the model does not have is a bug of ours, and is told as one."""

import math
from collections.abc import Callable
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from podium.wire.plans import Makers, Plans, wire_name
from podium.wire.scalars import blob_to_text, float_to_text, timestamp_to_number, timestamp_to_text

Write = Callable[[Any], Any]


def _structure(shape: StructureShape, plans: Plans[Write]) -> Write:
    fields: dict[str, tuple[str, Write | None]] = {}

    def write(value: Any) -> Any:
        if not fields:
            fields.update({name: (wire_name(name, m), _work(plans.of(m))) for name, m in shape.members.items()})
        members = {}
        for name, held in value.items():
            if held is not None:
                field = fields.get(name)
                assert field is not None, f"{shape.name} has no member {name}"
                members[field[0]] = held if field[1] is None else field[1](held)
        return members

    return _as_it_is if shape.is_document_type else write


def _work(write: Write) -> Write | None:
    """None for a writer that changes nothing: most members are such, and a call costs more than a look."""
    return None if write is _as_it_is else write


def _list(shape: ListShape, plans: Plans[Write]) -> Write:
    made: list[Write | None] = []  # a list may hold its own shape, so its writer is asked for when first needed

    def write(value: Any) -> list[Any]:
        if not made:
            made.append(_work(plans.of(shape.member)))
        [item] = made
        return list(value) if item is None else [item(held) for held in value]

    return write


def _map(shape: MapShape, plans: Plans[Write]) -> Write:
    def write(value: Any) -> dict[str, Any]:
        item = plans.of(shape.value)
        return {key: item(held) for key, held in value.items()}

    return write


def _timestamp(shape: Shape) -> Write:
    form = shape.serialization.get("timestampFormat", "unixTimestamp")
    return timestamp_to_number if form == "unixTimestamp" else lambda value: timestamp_to_text(value, form)


def _float(shape: Shape) -> Write:
    return lambda value: value if math.isfinite(value) else float_to_text(value)


def _as_it_is(value: Any) -> Any:
    return value


def _plain(shape: Shape) -> Write:
    return _as_it_is


WRITERS = Makers[Write](
    structure=_structure,
    sequence=_list,
    mapping=_map,
    scalars={
        "string": _plain,
        "character": _plain,
        "boolean": _plain,
        "integer": _plain,
        "long": _plain,
        "float": _float,
        "double": _float,
        "timestamp": _timestamp,
        "blob": lambda shape: blob_to_text,
    },
)
