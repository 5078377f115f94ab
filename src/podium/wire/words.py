"""Whether a request's words are on the lists that the model has for them."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.model import ListShape, Shape, StructureShape


def complaint(shape: Shape | None, request: Any) -> str | None:
    """AWS's sentence about every word that is on no list, in the order of the request; None when there is none."""
    found = list(unlisted(shape, request)) if shape is not None else []
    if not found:
        return None
    errors = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
    return f"{errors} detected: {'; '.join(found)}"


def unlisted(shape: Shape, value: Any, at: str = "") -> Iterator[str]:
    """What AWS says of each."""
    if not _has_lists(shape):
        return
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, held in value.items():
            member = name[:1].lower() + name[1:]
            yield from unlisted(shape.members[name], held, f"{at}.{member}" if at else member)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for number, held in enumerate(value, 1):
            yield from unlisted(shape.member, held, f"{at}.{number}.member")
    elif (allowed := getattr(shape, "enum", None)) and value is not None and value not in allowed:
        yield (
            f"Value '{value}' at '{at}' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(allowed)}]"
        )


@cache
def _has_lists(shape: Shape) -> bool:
    """Whether the model lists words for anything in it: most long lists of a request hold none."""
    return _reaches_a_list(shape, frozenset())


def _reaches_a_list(shape: Shape, above: frozenset[str]) -> bool:
    if shape.name in above:
        return False
    within = above | {shape.name}
    if isinstance(shape, StructureShape):
        return any(_reaches_a_list(member, within) for member in shape.members.values())
    if isinstance(shape, ListShape):
        return _reaches_a_list(shape.member, within)
    return bool(getattr(shape, "enum", None))
