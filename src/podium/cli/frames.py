"""The framing of container output in Docker's API.

Without a terminal, each piece has a header of eight bytes: the stream (0, 1 or 2), three zeros, and the length as a
big-endian 32-bit number. With a terminal there are no headers.
Source: Docker Engine API, "Attach to a container", stream format.
"""

from collections.abc import Iterable, Iterator

HEADER_BYTES = 8
STREAMS = (0, 1, 2)


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Whole lines, however the pieces were cut; a last one without an end gets one.

    Lines of stdout and stderr keep the order of their frames, and a line is never mixed from both.
    """
    rest: dict[int, bytes] = {}
    for stream, payload in frames(pieces):
        *whole, rest[stream] = (rest.get(stream, b"") + payload).split(b"\n")
        for line in whole:
            yield line + b"\n"
    for line in rest.values():
        if line:
            yield line + b"\n"


def frames(pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Stream and payload of each frame. Output of a terminal is one frame a piece, on stream 1."""
    buffer = b""
    framed: bool | None = None
    for piece in pieces:
        buffer += piece
        if framed is None and len(buffer) >= HEADER_BYTES:
            framed = buffer[0] in STREAMS and buffer[1:4] == b"\0\0\0"
        if framed is False:
            yield 1, buffer
            buffer = b""
        while framed and (size := _whole_frame(buffer)):
            yield buffer[0], buffer[HEADER_BYTES:size]
            buffer = buffer[size:]
    if buffer and not framed:
        yield 1, buffer


def _whole_frame(buffer: bytes) -> int:
    """The size of the first frame with its header, once all of it is there; else 0."""
    if len(buffer) < HEADER_BYTES:
        return 0
    size = HEADER_BYTES + int.from_bytes(buffer[4:HEADER_BYTES], "big")
    return size if len(buffer) >= size else 0
