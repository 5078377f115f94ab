"""What restJson and restXml share: members in the path, the query, the headers, the status and a raw body."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from botocore.model import ListShape, OperationModel, Shape, StructureShape

from podium.wire import uri
from podium.wire.errors import SerializationException
from podium.wire.message import Request
from podium.wire.scalars import (
    blob_from_text,
    blob_to_text,
    boolean_from_text,
    boolean_to_text,
    float_from_text,
    float_to_text,
    integer_from_text,
    timestamp_from_text,
    timestamp_to_text,
)

Members = dict[str, Shape]


def body_members(shape: StructureShape) -> Members:
    """The members that are written in the body."""
    return {name: member for name, member in shape.members.items() if "location" not in member.serialization}


def located(operation: OperationModel, request: Request) -> dict[str, Any]:
    """The members of the request that are not in its body."""
    shape = operation.input_shape
    if shape is None:
        return {}
    path = uri.labels(operation, request)
    query = parse_qs(request.query, keep_blank_values=True)
    readers: dict[str, Callable[[str, Shape], Any]] = {
        "uri": lambda name, member: _from_text(path[name], member) if name in path else None,
        "querystring": lambda name, member: _from_query(query.get(name), member),
        "header": lambda name, member: _from_header(request.headers.get(name.lower()), member),
        "headers": lambda prefix, member: _with_prefix(prefix.lower(), request),
    }
    members = {}
    for name, where, wire, member in _located(shape):
        if where in readers and (held := readers[where](wire, member)) is not None:
            members[name] = held
    return members


def headers_of(shape: StructureShape, result: dict[str, Any]) -> dict[str, str]:
    """The headers that say part of `result`."""
    headers: dict[str, str] = {}
    for name, where, wire, member in _located(shape):
        held = result.get(name)
        if held is None:
            continue
        if where == "header":
            headers[wire] = _to_header(held, member)
        elif where == "headers":
            headers |= {wire + key: value for key, value in held.items()}
    return headers


def status_of(operation: OperationModel, result: dict[str, Any]) -> int:
    shape = operation.output_shape
    told = [name for name, where, _, _ in _located(shape) if where == "statusCode"] if shape is not None else []
    held = next((result[name] for name in told if result.get(name) is not None), None)
    return int(held or operation.http.get("responseCode", 200))


def payload_of(shape: StructureShape | None) -> tuple[str, Shape] | None:
    """The one member that is the whole body, if the shape names one."""
    name = shape.serialization.get("payload") if shape is not None else None
    return (name, shape.members[name]) if shape is not None and name else None


def is_raw(shape: Shape) -> bool:
    """Whether a payload member is the body's bytes themselves."""
    return shape.type_name in ("blob", "string")


def raw_payload(shape: Shape, body: bytes) -> bytes | str:
    if shape.type_name == "blob":
        return body
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise SerializationException("The request body is not UTF-8.") from error


def raw_body(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value


@cache
def _located(shape: StructureShape) -> tuple[tuple[str, str, str, Shape], ...]:
    """(member, location, name there, shape) of each member with a location."""
    traits = ((name, member.serialization, member) for name, member in shape.members.items())
    return tuple((name, t["location"], t.get("name", name), member) for name, t, member in traits if "location" in t)


def _from_query(values: list[str] | None, shape: Shape) -> Any:
    if values is None:
        return None
    if isinstance(shape, ListShape):
        return [_from_text(text, shape.member) for text in values]
    return _from_text(values[0], shape)


def _from_header(text: str | None, shape: Shape) -> Any:
    if text is None:
        return None
    if isinstance(shape, ListShape):
        return [_from_text(item, shape.member) for item in _items(text)]
    return _from_text(text, shape)


def _items(text: str) -> Iterator[str]:
    """The values of a list in a header. One with a comma of its own is quoted."""
    item, quoted, escaped = "", False, False
    for letter in text:
        if escaped:
            item, escaped = item + letter, False
        elif quoted and letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            yield item.strip()
            item = ""
        else:
            item += letter
    yield item.strip()


def _with_prefix(prefix: str, request: Request) -> dict[str, str] | None:
    found = {name[len(prefix) :]: value for name, value in request.headers.items() if name.startswith(prefix)}
    return found or None


def _from_text(text: str, shape: Shape) -> Any:
    match shape.type_name:
        case "integer" | "long":
            return integer_from_text(text, shape.type_name)
        case "float" | "double":
            return float_from_text(text)
        case "boolean":
            return boolean_from_text(text)
        case "timestamp":
            return timestamp_from_text(text)
        case "blob":
            return blob_from_text(text)
        case _:
            return text


def _to_header(value: Any, shape: Shape) -> str:
    if isinstance(shape, ListShape):
        return ", ".join(_to_header(item, shape.member) for item in value)
    match shape.type_name:
        case "boolean":
            return boolean_to_text(value)
        case "float" | "double":
            return float_to_text(value)
        case "timestamp":
            return timestamp_to_text(value, shape.serialization.get("timestampFormat", "rfc822"))
        case "blob":
            return blob_to_text(value)
        case _:
            return str(value)
