"""Readers and writers of shapes, made when first needed and kept.

A protocol says how it treats each kind of shape; a plan turns that into one plain function for every shape of a
model. Walking the model once, rather than for every request, is most of the wire's speed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from botocore.model import ListShape, MapShape, Shape, StructureShape

F = TypeVar("F")


@dataclass(frozen=True, kw_only=True)
class Makers(Generic[F]):
    """What makes the function for a shape. `scalars` goes by the shape's type name."""

    structure: "Callable[[StructureShape, Plans[F]], F]"
    sequence: "Callable[[ListShape, Plans[F]], F]"
    mapping: "Callable[[MapShape, Plans[F]], F]"
    scalars: Mapping[str, Callable[[Shape], F]]


class Plans(Generic[F]):
    """The functions for one model's shapes. A shape that refers to itself costs no more than another.

    A shape reached through two members may be written differently in each, so its traits are part of the key.
    """

    def __init__(self, makers: Makers[F]) -> None:
        self._makers = makers
        self._kept: dict[tuple[str, str], F] = {}

    def of(self, shape: Shape) -> F:
        key = (shape.name, str(shape.serialization))
        made = self._kept.get(key)
        if made is None:
            made = self._kept[key] = self._make(shape)
        return made

    def _make(self, shape: Shape) -> F:
        if isinstance(shape, StructureShape):
            return self._makers.structure(shape, self)
        if isinstance(shape, ListShape):
            return self._makers.sequence(shape, self)
        if isinstance(shape, MapShape):
            return self._makers.mapping(shape, self)
        return self._makers.scalars[shape.type_name](shape)


def wire_name(name: str, shape: Shape) -> str:
    """What the member `name` is called on the wire."""
    return str(shape.serialization.get("name", name))
