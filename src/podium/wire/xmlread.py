"""Shapes from XML: what restXml clients send.

A member is read from every element of its name, since a flattened list is many elements and no list around them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

from botocore.model import ListShape, MapShape, Shape, StructureShape

from podium.wire.errors import SerializationException
from podium.wire.plans import Makers, Plans, wire_name
from podium.wire.scalars import (
    blob_from_text,
    boolean_from_text,
    float_from_text,
    integer_from_text,
    timestamp_from_text,
)

Read = Callable[[Sequence[Element]], Any]


def root_of(body: bytes) -> Element:
    """Documents that declare a type or entities are refused: none of AWS's do, and entities can explode."""
    try:
        text = body.decode()
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise SerializationException("A document type declaration is not allowed.")
        return fromstring(text)
    except (ParseError, ValueError) as error:
        raise SerializationException("The XML you provided was not well-formed.") from error


def members(shapes: Mapping[str, Shape], plans: Plans[Read]) -> Callable[[Element], dict[str, Any]]:
    """Reads the members in `shapes` from the children and attributes of one element."""
    inside = {_field(name, m): (name, m) for name, m in shapes.items() if not m.serialization.get("xmlAttribute")}
    worn = {wire_name(name, m): name for name, m in shapes.items() if m.serialization.get("xmlAttribute")}

    def read(element: Element) -> dict[str, Any]:
        groups: dict[str, list[Element]] = {}
        for child in element:
            groups.setdefault(_local(child.tag), []).append(child)
        found = {_local(key): value for key, value in element.attrib.items()}
        attributes = {name: found[_local(wire)] for wire, name in worn.items() if _local(wire) in found}
        return attributes | {
            inside[tag][0]: plans.of(inside[tag][1])(group) for tag, group in groups.items() if tag in inside
        }

    return read


def _field(name: str, shape: Shape) -> str:
    if isinstance(shape, ListShape) and shape.serialization.get("flattened"):
        return wire_name(wire_name(name, shape), shape.member)
    return wire_name(name, shape)


def _local(name: str) -> str:
    """Without its namespace, whether in ElementTree's braces or behind a prefix."""
    return name.rpartition("}")[2].rpartition(":")[2]


def _structure(shape: StructureShape, plans: Plans[Read]) -> Read:
    made: list[Callable[[Element], dict[str, Any]]] = []

    def read(elements: Sequence[Element]) -> dict[str, Any]:
        if not made:
            made.append(members(shape.members, plans))
        return made[0](elements[0])

    return read


def _list(shape: ListShape, plans: Plans[Read]) -> Read:
    flat = bool(shape.serialization.get("flattened"))
    tag = wire_name("member", shape.member)

    def read(elements: Sequence[Element]) -> list[Any]:
        item = plans.of(shape.member)
        rows = elements if flat else [row for row in elements[0] if _local(row.tag) == tag]
        return [item([row]) for row in rows]

    return read


def _map(shape: MapShape, plans: Plans[Read]) -> Read:
    flat = bool(shape.serialization.get("flattened"))
    key, value = wire_name("key", shape.key), wire_name("value", shape.value)

    def read(elements: Sequence[Element]) -> dict[str, Any]:
        item, found = plans.of(shape.value), {}
        for row in elements if flat else elements[0]:
            pair = {_local(child.tag): child for child in row}
            if key not in pair or value not in pair:
                raise SerializationException("An entry of a map lacks its key or its value.")
            found[pair[key].text or ""] = item([pair[value]])
        return found

    return read


def _scalar(read: Callable[[str], Any]) -> Callable[[Shape], Read]:
    return lambda shape: lambda elements: read(elements[0].text or "")


def _integer(shape: Shape) -> Read:
    return lambda elements: integer_from_text(elements[0].text or "", shape.type_name)


READERS = Makers[Read](
    structure=_structure,
    sequence=_list,
    mapping=_map,
    scalars={
        "string": _scalar(str),
        "character": _scalar(str),
        "boolean": _scalar(boolean_from_text),
        "integer": _integer,
        "long": _integer,
        "float": _scalar(float_from_text),
        "double": _scalar(float_from_text),
        "timestamp": _scalar(timestamp_from_text),
        "blob": _scalar(blob_from_text),
    },
)
