"""aws-chunked: how S3 clients stream a body whose length or checksum they learn while sending it.

Source: Amazon S3 API Reference, "Signature Calculations: Transferring Payload in Multiple Chunks".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from podium.wire.errors import SerializationException
from podium.wire.message import Request

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"  # and what goes on with -TRAILER
_LONGEST_SIZE_LINE = 1024
_SIGNATURE = b"chunk-signature="
_TRAILER_SIGNATURE = b"x-amz-trailer-signature:"


@dataclass(frozen=True, slots=True)
class Framed:
    """The chunks with their signatures, the last one empty; and the trailer's lines with theirs, where there is one."""

    chunks: tuple[tuple[str, bytes], ...]
    trailer: bytes = b""
    trailer_signature: str = ""


def is_signed(request: Request) -> bool:
    return request.headers.get("x-amz-content-sha256", "").startswith(SIGNED)


def body_of(request: Request) -> bytes:
    """The body without its framing. Raises SerializationException when it is cut short."""
    if not request.headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
        return request.body
    return b"".join(data for _, data in framed(request.body).chunks)


def framed(body: bytes) -> Framed:
    """Raises SerializationException when the body is cut short."""
    chunks: list[tuple[str, bytes]] = []
    at = 0
    while True:
        end = body.find(b"\r\n", at, at + _LONGEST_SIZE_LINE)
        size = _size(body[at:end]) if end >= 0 else -1
        if size < 0:
            raise _cut_short()
        signature = _after(_SIGNATURE, body[at:end].partition(b";")[2])
        start, at = end + 2, end + 2 + size
        chunks.append((signature, body[start:at]))
        if size == 0:
            lines = list(_lines(body[start:]))
            said = b"".join(line + b"\n" for line in lines if not line.startswith(_TRAILER_SIGNATURE))
            signed = next(
                (_after(_TRAILER_SIGNATURE, line) for line in lines if line.startswith(_TRAILER_SIGNATURE)), ""
            )
            return Framed(tuple(chunks), said, signed)
        if body[at : at + 2] != b"\r\n":
            raise _cut_short()
        at += 2


def _lines(rest: bytes) -> Iterator[bytes]:
    return (line.strip() for line in rest.split(b"\n") if line.strip())


def _after(name: bytes, text: bytes) -> str:
    return text.partition(name)[2].strip().decode("latin-1") if name in text else ""


def _cut_short() -> SerializationException:
    return SerializationException("The chunked request body is cut short.")


def _size(line: bytes) -> int:
    """The number before the semicolon, in hexadecimal; -1 when there is none."""
    digits = line.partition(b";")[0].strip()
    return int(digits, 16) if digits and all(digit in b"0123456789abcdefABCDEF" for digit in digits) else -1
