"""An AgentMessage as a binary frame: 120 bytes of header, big endian, and the payload."""

import hashlib
import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from uuid import UUID

from podium_protocol.envelope import Malformed

INPUT = "input_stream_data"
OUTPUT = "output_stream_data"
ACKNOWLEDGE = "acknowledge"
CHANNEL_CLOSED = "channel_closed"

HEADER_LENGTH = 116
"""What a frame says of itself: where the payload's length is. The payload begins four bytes later."""

_FORM = struct.Struct(">I32sIQqQ16s32sII")
_SCHEMA_VERSION = 1
_PADDING = "\0 "


class PayloadType(IntEnum):
    """What a stream message carries. Acknowledgements and the end of the channel have NONE."""

    NONE = 0
    OUTPUT = 1
    ERROR = 2
    SIZE = 3
    PARAMETER = 4
    HANDSHAKE_REQUEST = 5
    HANDSHAKE_RESPONSE = 6
    HANDSHAKE_COMPLETE = 7
    ENCRYPTION_CHALLENGE_REQUEST = 8
    ENCRYPTION_CHALLENGE_RESPONSE = 9
    FLAG = 10


class Flags(IntFlag):
    DATA = 0
    SYN = 1
    FIN = 2


@dataclass(frozen=True, kw_only=True)
class AgentMessage:
    """`created_at` is in milliseconds since the epoch and never 0. `payload_type` is a number that may be unknown."""

    type: str
    sequence: int
    created_at: int
    id: UUID
    payload: bytes = b""
    payload_type: int = PayloadType.NONE
    flags: int = Flags.DATA


def encode(message: AgentMessage) -> bytes:
    return (
        _FORM.pack(
            HEADER_LENGTH,
            message.type.encode("ascii").ljust(32),
            _SCHEMA_VERSION,
            message.created_at,
            message.sequence,
            message.flags,
            _swapped(message.id.bytes),
            hashlib.sha256(message.payload).digest(),
            message.payload_type,
            len(message.payload),
        )
        + message.payload
    )


def decode(frame: bytes) -> AgentMessage:
    """The message in a frame. Raises Malformed for one that a receiver has to drop.

    A longer header than ours is passed over, as its length tells where the payload begins.
    """
    if len(frame) < _FORM.size:
        raise Malformed(f"A frame of {len(frame)} bytes is shorter than its header.")
    length, kind, _, created_at, sequence, flags, identity, digest, payload_type, _ = _FORM.unpack_from(frame)
    payload = _payload(frame, length)
    if payload and hashlib.sha256(payload).digest() != digest:
        raise Malformed("The payload is not what its digest says.")
    name = kind.decode("ascii", errors="replace").strip(_PADDING)
    if not name or not created_at:
        raise Malformed("A message has a type and a date.")
    return AgentMessage(
        type=name,
        sequence=sequence,
        created_at=created_at,
        id=UUID(bytes=_swapped(identity)),
        payload=payload,
        payload_type=payload_type,
        flags=flags,
    )


def _payload(frame: bytes, header_length: int) -> bytes:
    start = header_length + 4
    if header_length < HEADER_LENGTH or start > len(frame):
        raise Malformed(f"A header of {header_length} bytes does not fit a frame of {len(frame)}.")
    payload = frame[start:]
    if int.from_bytes(frame[header_length:start], "big") != len(payload):
        raise Malformed("The payload is not as long as the frame says.")
    return payload


def _swapped(identity: bytes) -> bytes:
    """A UUID's halves change places on the wire."""
    return identity[8:] + identity[:8]
