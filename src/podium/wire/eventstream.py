"""Events of an answer that is a stream, framed one by one. Written for JSON: nothing that we answer streams in another.

Source: Smithy, "Amazon Event Stream Specification"; botocore's `eventstream` reads it.
"""

import struct
from collections.abc import Mapping
from typing import Any
from zlib import crc32

from botocore.model import OperationModel

from podium.wire.json import encode
from podium.wire.jsonwrite import WRITERS
from podium.wire.plans import Plans

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_PRELUDE = struct.Struct(">II")
_SUM = struct.Struct(">I")
_STRING = 7
_FRAME_BYTES = _PRELUDE.size + 2 * _SUM.size


def beginning() -> bytes:
    """What comes before all events: the answer's other members, of which there are none."""
    return _message({":message-type": "event", ":event-type": "initial-response"}, {})


def event(operation: OperationModel, name: str, members: Mapping[str, Any]) -> bytes:
    """One event of the operation's. One that the model calls an exception ends the stream."""
    output = operation.output_shape
    assert output is not None
    assert output.event_stream_name is not None, "the operation answers with a stream"
    shape = output.members[output.event_stream_name].members[name]
    kind = "exception" if shape.metadata.get("exception") else "event"
    return _message({":message-type": kind, f":{kind}-type": name}, Plans(WRITERS).of(shape)(members))


def _message(headers: Mapping[str, str], payload: Any) -> bytes:
    body = encode(payload)
    head = b"".join(_header(name, value) for name, value in {**headers, ":content-type": "application/json"}.items())
    prelude = _PRELUDE.pack(_FRAME_BYTES + len(head) + len(body), len(head))
    whole = prelude + _SUM.pack(crc32(prelude)) + head + body
    return whole + _SUM.pack(crc32(whole))


def _header(name: str, value: str) -> bytes:
    return bytes([len(name)]) + name.encode() + struct.pack(">BH", _STRING, len(value)) + value.encode()
