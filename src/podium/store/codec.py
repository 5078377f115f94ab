"""Records to bytes and back: JSON a person can read with any SQL shell."""

from typing import Any

import msgspec

_encoder = msgspec.json.Encoder()
_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}


def encode(record: Any) -> bytes:
    return _encoder.encode(record)


def decode(kind: type[Any], body: bytes | str) -> Any:
    """The record. Members that this version does not know are dropped; missing ones take their defaults."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    return decoder.decode(body)
