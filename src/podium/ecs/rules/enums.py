"""Every word of a request that the service model has a list for.

botocore does not check them, and neither does the wire, as the sentence differs from service to service.
Operations with many such members call this; those with one or two use `choices`.
"""

from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

from podium.ecs.errors import InvalidParameter
from podium.ecs.rules import choices
from podium.ecs.service import ecs
from podium.kernel.errors import ClientError

ANY_WORD = {("PortMapping", "protocol")}  # "Amazon ECS treats any other specified value as tcp"


def check(operation: str, request: dict[str, Any], error: type[ClientError] = InvalidParameter) -> None:
    """Raises `error` for the first word that is not on its list."""
    shape = ecs.model.operation_model(operation).input_shape
    assert shape is not None, f"{operation} takes no input"
    for name, value, allowed in _words(shape, request, ""):
        choices.one_of(name, value, allowed, error)


def _words(shape: Shape, value: Any, name: str) -> Iterator[tuple[str, Any, list[str]]]:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for member, held in value.items():
            if (shape.name, member) not in ANY_WORD:
                yield from _words(shape.members[member], held, member)
    elif isinstance(shape, ListShape):
        for held in value:
            yield from _words(shape.member, held, name)
    elif enum := getattr(shape, "enum", None):
        yield name, value, enum
