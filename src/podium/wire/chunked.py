"""aws-chunked: how S3 clients stream a body whose length or checksum they learn while sending it.

Source: Amazon S3 API Reference, "Signature Calculations: Transferring Payload in Multiple Chunks".
"""

from podium.wire.errors import SerializationException
from podium.wire.message import Request

_LONGEST_SIZE_LINE = 1024


def body_of(request: Request) -> bytes:
    """The body without its framing. The chunks' own signatures and the trailer are not looked at."""
    if not request.headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
        return request.body
    return _joined(request.body)


def _joined(framed: bytes) -> bytes:
    pieces: list[bytes] = []
    at = 0
    while True:
        end = framed.find(b"\r\n", at, at + _LONGEST_SIZE_LINE)
        size = _size(framed[at:end]) if end >= 0 else -1
        if size == 0:
            return b"".join(pieces)
        start = end + 2
        at = start + size
        if size < 0 or framed[at : at + 2] != b"\r\n":
            raise SerializationException("The chunked request body is cut short.")
        pieces.append(framed[start:at])
        at += 2


def _size(line: bytes) -> int:
    """The number before the semicolon, in hexadecimal; -1 when there is none."""
    digits = line.partition(b";")[0].strip()
    return int(digits, 16) if digits and all(digit in b"0123456789abcdefABCDEF" for digit in digits) else -1
