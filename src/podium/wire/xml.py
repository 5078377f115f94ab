"""Shapes as XML: what awsQuery, ec2Query and restXml answer with, and what restXml asks with."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from botocore.model import ListShape, MapShape, Shape, StructureShape

from podium.wire.plans import Makers, Plans, wire_name
from podium.wire.scalars import blob_to_text, boolean_to_text, float_to_text, timestamp_to_text

Write = Callable[[Any, str], str]

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(value: object) -> str:
    """`value` as character data. Characters that XML cannot hold become question marks."""
    return escape(_ILLEGAL.sub("?", str(value)), {"\r": "&#13;"})


def element(tag: str, inner: str) -> str:
    return f"<{tag}>{inner}</{tag}>"


def namespace(shape: Shape) -> str:
    """The xmlns attribute that the model asks for, with its leading space, or nothing."""
    declared = shape.serialization.get("xmlNamespace")
    if not declared:
        return ""
    uri = declared if isinstance(declared, str) else declared["uri"]
    prefix = declared.get("prefix") if isinstance(declared, dict) else None
    return f" xmlns{':' + prefix if prefix else ''}={quoteattr(uri)}"


def members(shape: StructureShape, plans: Plans[Write]) -> Callable[[dict[str, Any]], str]:
    """The elements of a structure's members, without an element around them."""
    fields: dict[str, tuple[str, Write]] = {}

    def write(value: dict[str, Any]) -> str:
        if not fields:
            inside = {n: m for n, m in shape.members.items() if not m.serialization.get("xmlAttribute")}
            fields.update({name: (wire_name(name, m), plans.of(m)) for name, m in inside.items()})
        return "".join(_fields(value))

    def _fields(value: dict[str, Any]) -> Iterator[str]:
        for name, held in value.items():
            if held is not None and (field := fields.get(name)) is not None:
                yield field[1](held, field[0])
            else:
                assert name in shape.members, f"{shape.name} has no member {name}"

    return write


def _structure(shape: StructureShape, plans: Plans[Write]) -> Write:
    inner = members(shape, plans)
    attributes = {n: wire_name(n, m) for n, m in shape.members.items() if m.serialization.get("xmlAttribute")}

    def write(value: dict[str, Any], tag: str) -> str:
        worn = "".join(f" {attributes[n]}={quoteattr(held)}" for n, held in value.items() if n in attributes)
        return f"<{tag}{namespace(shape)}{worn}>{inner(value)}</{tag}>"

    return write


def _list(shape: ListShape, plans: Plans[Write]) -> Write:
    flat = bool(shape.serialization.get("flattened"))

    def write(value: list[Any], tag: str) -> str:
        item = plans.of(shape.member)
        name = wire_name(tag if flat else "member", shape.member)
        rows = "".join(item(held, name) for held in value)
        return rows if flat else f"<{tag}{namespace(shape)}>{rows}</{tag}>"

    return write


def _map(shape: MapShape, plans: Plans[Write]) -> Write:
    flat = bool(shape.serialization.get("flattened"))
    key, held = wire_name("key", shape.key), wire_name("value", shape.value)

    def write(value: dict[str, Any], tag: str) -> str:
        item = plans.of(shape.value)
        rows = (element(tag if flat else "entry", element(key, text(k)) + item(v, held)) for k, v in value.items())
        return "".join(rows) if flat else element(tag, "".join(rows))

    return write


def _scalar(to_text: Callable[[Any], str]) -> Callable[[Shape], Write]:
    return lambda shape: lambda value, tag: f"<{tag}>{text(to_text(value))}</{tag}>"


def _timestamp(shape: Shape) -> Write:
    form = shape.serialization.get("timestampFormat", "iso8601")
    return lambda value, tag: element(tag, timestamp_to_text(value, form))


WRITERS = Makers[Write](
    structure=_structure,
    sequence=_list,
    mapping=_map,
    scalars={
        "string": _scalar(str),
        "character": _scalar(str),
        "integer": _scalar(str),
        "long": _scalar(str),
        "boolean": _scalar(boolean_to_text),
        "float": _scalar(float_to_text),
        "double": _scalar(float_to_text),
        "timestamp": _timestamp,
        "blob": _scalar(blob_to_text),
    },
)
