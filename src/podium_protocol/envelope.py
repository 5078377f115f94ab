"""The envelope around every message, and the header block before an agent's telemetry."""

from collections.abc import Mapping
from typing import Any

import msgspec

_END_OF_HEADERS = "\r\n\r\n"


class Malformed(ValueError):
    """A frame that holds no envelope."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message by its type's name. A receiver passes over types and members it does not know."""

    type: str
    body: Mapping[str, Any] = {}


def encode(message: Message) -> str:
    """The text frame of `message`. Members whose value is None are left out, as the agents expect."""
    frame = msgspec.json.encode({"type": message.type, "message": message.body})
    if b"null" in frame:  # seldom, and looking is quicker than making a copy of each
        frame = msgspec.json.encode({"type": message.type, "message": _without_nulls(message.body)})
    return frame.decode()


def decode(frame: str | bytes) -> Message:
    """The message in a text frame.

    A telemetry frame of the official agent starts with header lines that sign it; they are
    cut off at the first empty line. Raises Malformed when no envelope is left.
    """
    text = frame.decode() if isinstance(frame, bytes) else frame
    try:
        envelope = msgspec.json.decode(split_frame(text)[1])
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(f"Not JSON: {error}") from error
    if not isinstance(envelope, dict) or not isinstance(envelope.get("type"), str):
        raise Malformed("An envelope is an object with a `type`.")
    body = envelope.get("message")
    if body is not None and not isinstance(body, dict):
        raise Malformed(f"The message of a {envelope['type']} is not an object.")
    return Message(type=envelope["type"], body=body or {})


def sign_frame(headers: Mapping[str, str], frame: str) -> str:
    """`frame` behind a block of header lines, the way an agent sends telemetry."""
    block = "\r\n".join(f"{name}: {value}" for name, value in headers.items())
    return block + _END_OF_HEADERS + frame


def split_frame(text: str) -> tuple[dict[str, str], str]:
    """The headers that sign a telemetry frame, by their names in lower case, and the envelope after them.

    A frame without any is all envelope.
    """
    block, found, rest = text.partition(_END_OF_HEADERS)
    if text.startswith("{") or not found:
        return {}, text
    lines = (line.partition(":") for line in block.split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in lines}, rest


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    if isinstance(value, list | tuple):
        return [_without_nulls(item) for item in value]
    return value
