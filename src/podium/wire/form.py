"""Forms: the request side of awsQuery and ec2Query, where `Tags.member.1.Key=a` says what JSON says with brackets."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from botocore.model import ListShape, MapShape, Shape, StructureShape

from podium.wire.errors import SerializationException
from podium.wire.message import Request
from podium.wire.plans import Makers, Plans
from podium.wire.scalars import (
    blob_from_text,
    boolean_from_text,
    float_from_text,
    integer_from_text,
    timestamp_from_text,
)

_DEEPEST = 64
_INDEX_DIGITS = 9

Naming = Callable[[str, Shape], str]


class Node:
    """A name in the form: its own text, and what is written below it after a dot."""

    __slots__ = ("below", "text")

    def __init__(self) -> None:
        self.text: str | None = None
        self.below: dict[str, Node] = {}

    def at(self, key: str) -> "Node":
        node = self
        for part in key.split(".", _DEEPEST):
            node = node.below.setdefault(part, Node())
        return node

    def items(self) -> Iterator["Node"]:
        """The numbered nodes in the order of their numbers. A gap in the numbers closes."""
        numbers = [key for key in self.below if key.isdecimal() and len(key) <= _INDEX_DIGITS]
        return (self.below[key] for key in sorted(numbers, key=int))


Read = Callable[[Node], Any]


def tree(request: Request) -> Node:
    """The form in the body and in the query string, as one tree."""
    root = Node()
    try:
        text = request.body.decode()
    except UnicodeDecodeError as error:
        raise SerializationException("The request body is not UTF-8.") from error
    for key, value in (*parse_qsl(request.query, True), *parse_qsl(text, True)):
        root.at(key).text = value
    return root


def makers(naming: Naming, *, lists_are_flat: bool) -> Makers[Read]:
    """Readers of forms in which members are named by `naming`; in EC2's, every list is flat."""

    def field(name: str, shape: Shape) -> str:
        if isinstance(shape, ListShape) and shape.serialization.get("flattened") and not lists_are_flat:
            return naming(naming(name, shape), shape.member)
        return naming(name, shape)

    def structure(shape: StructureShape, plans: Plans[Read]) -> Read:
        fields: dict[str, tuple[str, Read]] = {}

        def read(node: Node) -> dict[str, Any]:
            if not fields:
                fields.update({field(name, m): (name, plans.of(m)) for name, m in shape.members.items()})
            return {fields[key][0]: fields[key][1](below) for key, below in node.below.items() if key in fields}

        return read

    def sequence(shape: ListShape, plans: Plans[Read]) -> Read:
        flat = lists_are_flat or bool(shape.serialization.get("flattened"))

        def read(node: Node) -> list[Any]:
            item = plans.of(shape.member)
            held = node if flat else node.below.get(naming("member", shape.member), _NOTHING)
            return [item(below) for below in held.items()]

        return read

    def mapping(shape: MapShape, plans: Plans[Read]) -> Read:
        flat = bool(shape.serialization.get("flattened"))
        key, value = naming("key", shape.key), naming("value", shape.value)

        def read(node: Node) -> dict[str, Any]:
            item = plans.of(shape.value)
            held = node if flat else node.below.get("entry", _NOTHING)
            return {_text(row.below.get(key, _NOTHING)): item(row.below.get(value, _NOTHING)) for row in held.items()}

        return read

    return Makers(structure=structure, sequence=sequence, mapping=mapping, scalars=_SCALARS)


_NOTHING = Node()


def _text(node: Node) -> str:
    if node.text is None:
        raise SerializationException("A value in the form is missing.")
    return node.text


def _scalar(read: Callable[[str], Any]) -> Callable[[Shape], Read]:
    return lambda shape: lambda node: read(_text(node))


def _integer(shape: Shape) -> Read:
    return lambda node: integer_from_text(_text(node), shape.type_name)


_SCALARS: dict[str, Callable[[Shape], Read]] = {
    "string": _scalar(str),
    "character": _scalar(str),
    "boolean": _scalar(boolean_from_text),
    "integer": _integer,
    "long": _integer,
    "float": _scalar(float_from_text),
    "double": _scalar(float_from_text),
    "timestamp": _scalar(timestamp_from_text),
    "blob": _scalar(blob_from_text),
}
