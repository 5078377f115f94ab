"""What the model demands of a request: required members, lengths, ranges, patterns and, where wanted, enumerations."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from podium.kernel.errors import ClientError
from podium.wire.errors import ValidationException
from podium.wire.message import Routed
from podium.wire.words import unlisted

Fits = Callable[[Any], bool]
_MEASURED = (str, bytes, list, dict)


def check(
    routed: Routed,
    params: dict[str, Any],
    invalid: Callable[[str, str], ClientError] | None = None,
    *,
    words: bool = False,
) -> None:
    """Raises the error that `invalid` makes from the operation's name and AWS's sentence.

    `invalid` and `words` are AwsService's; without `invalid` the error is ValidationException, and without `words`
    enumerations are left to the operations, whose sentences differ from service to service.
    """
    shape = routed.operation.input_shape
    found = list(_complaints(shape, params, "")) if shape is not None and not _fits(shape)(params) else []
    if words and shape is not None:
        found += unlisted(shape, params)
    if not found:
        return
    errors = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
    message = f"{errors} detected: {'; '.join(found)}"
    raise invalid(routed.operation.name, message) if invalid else ValidationException(message)


def missing_members(shape: Shape, value: Any, at: str = "") -> list[str]:
    """The paths of required members that are not there, such as `containerDefinitions.1.member.name`."""
    return [path for path, held, _ in _walk(shape, value, at) if held is None]


@cache
def _fits(shape: Shape) -> Fits:
    """Says of a value whether there is nothing to complain of within it, without the paths that complaints need: nearly
    always so. Made once for a shape, and for what is in it when that first comes, since a shape may be in itself.
    """
    if isinstance(shape, StructureShape) and not shape.is_document_type:
        return _structure(shape)
    if isinstance(shape, ListShape):
        return lambda value: all(map(_is_fit(shape.member), value))
    if isinstance(shape, MapShape):
        return lambda value: all(map(_is_fit(shape.value), value.values()))
    return lambda value: True


def _structure(shape: StructureShape) -> Fits:
    required, members = tuple(shape.required_members), shape.members
    known: dict[str, Fits] = {}

    def fits(value: Any) -> bool:
        for name in required:
            if value.get(name) is None:
                return False
        for name, held in value.items():
            if name not in known:
                known[name] = _is_fit(members[name])
            if not known[name](held):
                return False
        return True

    return fits


@cache
def _is_fit(shape: Shape) -> Fits:
    """The same of a value that is demanded something of itself."""
    is_plain = not isinstance(shape, StructureShape | ListShape | MapShape)
    if is_plain and not shape.metadata:
        return lambda value: value is not None
    fits = _fits(shape)
    return lambda value: value is not None and next(_demands(shape, value), None) is None and fits(value)


def _complaints(shape: Shape, value: Any, at: str) -> Iterator[str]:
    for path, held, member in _walk(shape, value, at):
        if held is None:
            yield f"Value null at '{path}' failed to satisfy constraint: Member must not be null"
        else:
            shown = f"Value{_shown(member, held)} at '{path}' failed to satisfy constraint: "
            yield from (shown + demand for demand in _demands(member, held))


def _walk(shape: Shape, value: Any, at: str) -> Iterator[tuple[str, Any, Shape]]:
    """Every value in `value` with its path and shape, and None for each required member that is missing."""
    if isinstance(shape, StructureShape) and not shape.is_document_type:
        yield from _walk_members(shape, value, at)
    elif isinstance(shape, ListShape):
        for number, held in enumerate(value, 1):
            path = f"{at}.{number}.member"
            yield path, held, shape.member
            yield from _walk(shape.member, held, path)
    elif isinstance(shape, MapShape):
        for key, held in value.items():
            path = f"{at}.{key}.member"
            yield path, held, shape.value
            yield from _walk(shape.value, held, path)


def _walk_members(shape: StructureShape, value: dict[str, Any], at: str) -> Iterator[tuple[str, Any, Shape]]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _below(at, name), None, shape.members[name]
    for name, held in value.items():
        path, member = _below(at, name), shape.members[name]
        yield path, held, member
        yield from _walk(member, held, path)


def _below(at: str, name: str) -> str:
    """AWS writes members in lower camel case here, whatever the model calls them."""
    lower = name[:1].lower() + name[1:]
    return f"{at}.{lower}" if at else lower


def _demands(shape: Shape, value: Any) -> Iterator[str]:
    """The constraints of `shape` that `value` breaks. A minimum of 0 or less demands nothing."""
    metadata = shape.metadata
    if not metadata:
        return
    measured = isinstance(value, _MEASURED)
    size = len(value) if measured else value
    what = "length" if measured else "value"
    if measured or (isinstance(value, int | float) and not isinstance(value, bool)):
        if "min" in metadata and size < metadata["min"]:
            yield f"Member must have {what} greater than or equal to {metadata['min']}"
            return
        if "max" in metadata and size > metadata["max"]:
            yield f"Member must have {what} less than or equal to {metadata['max']}"
            return
    pattern = _pattern(metadata["pattern"]) if isinstance(value, str) and "pattern" in metadata else None
    if pattern is not None and pattern.fullmatch(value) is None:
        yield f"Member must satisfy regular expression pattern: {metadata['pattern']}"


def _shown(shape: Shape, value: Any) -> str:
    """The value as AWS repeats it: quoted, but never a secret and nothing that is not a scalar."""
    told = isinstance(value, str | int | float) and not shape.metadata.get("sensitive")
    return f" '{value}'" if told else ""


@cache
def _pattern(text: str) -> re.Pattern[str] | None:
    """None for a pattern that Python cannot read: the models are written for Java."""
    try:
        return re.compile(text)
    except re.error:
        return None
