"""Packets of others, passed on as they are but for ids and times to live."""

import struct
from collections.abc import Iterator

HEADER = 12
_POINTER = 0xC0
_OPT = 41
_TC, _RCODE = 0x02, 0x0F
NOERROR, NXDOMAIN = 0, 3


class Malformed(Exception):
    pass


def identity(packet: bytes) -> int:
    return int.from_bytes(packet[:2], "big")


def with_identity(packet: bytes, identity: int) -> bytes:
    return identity.to_bytes(2, "big") + packet[2:]


def question(packet: bytes) -> bytes:
    """The first question: its name as it was written, its type and its class. Raises Malformed."""
    end = _after_name(packet, HEADER) + 4
    if end > len(packet):
        raise Malformed
    return packet[HEADER:end]


def with_question(packet: bytes, asked: bytes) -> bytes:
    """The same question in the letters in which it was asked."""
    return packet[:HEADER] + asked + packet[HEADER + len(asked) :]


def is_cut(packet: bytes) -> bool:
    return bool(packet[2] & _TC)


def code(packet: bytes) -> int:
    return packet[3] & _RCODE


def least_ttl(packet: bytes) -> int | None:
    """In seconds; None where no record says. Raises Malformed."""
    found = [int.from_bytes(packet[at : at + 4], "big") for at in _ttls(packet)]
    return min(found, default=None)


def aged(packet: bytes, seconds: int) -> bytes:
    """The packet so many seconds later. Raises Malformed."""
    made = bytearray(packet)
    for at in _ttls(packet):
        ttl = int.from_bytes(packet[at : at + 4], "big")
        made[at : at + 4] = max(0, ttl - seconds).to_bytes(4, "big")
    return bytes(made)


def _ttls(packet: bytes) -> Iterator[int]:
    """Where the times to live are; EDNS uses its own for other things."""
    if len(packet) < HEADER:
        raise Malformed
    questions, *others = struct.unpack_from("!4H", packet, 4)
    at = HEADER
    for _ in range(questions):
        at = _after_name(packet, at) + 4
    for _ in range(sum(others)):
        at = _after_name(packet, at)
        if at + 10 > len(packet):
            raise Malformed
        kind, _, _, length = struct.unpack_from("!HHIH", packet, at)
        if kind != _OPT:
            yield at + 4
        at += 10 + length


def _after_name(packet: bytes, at: int) -> int:
    while at < len(packet):
        length = packet[at]
        if length & _POINTER == _POINTER:
            return at + 2
        if length == 0:
            return at + 1
        at += 1 + length
    raise Malformed
