"""Records to bytes and back: JSON a person can read with any SQL shell."""

from functools import cache
from typing import Any

import msgspec


@cache
def _decoder(kind: type[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


_encoder = msgspec.json.Encoder()


def encode(record: Any) -> bytes:
    return _encoder.encode(record)


def decode(kind: type[Any], body: bytes | str) -> Any:
    """The record. Members that this version does not know are dropped; missing ones take their defaults."""
    return _decoder(kind).decode(body)
