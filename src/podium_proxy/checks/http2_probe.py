"""One GET over HTTP/2 with prior knowledge, for its status alone.

No library that we have speaks it as a client; what a check needs of it is small: one request, and the first field of
the answer's header block, which is always `:status`.
Source: RFC 9113 (HTTP/2), RFC 7541 (HPACK).
"""

import asyncio
from collections.abc import Mapping

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADERS, _RESET, _SETTINGS, _GO_AWAY = 1, 3, 4, 7
_ACK, _END_STREAM_AND_HEADERS = 0x1, 0x5
_PADDED, _PRIORITY = 0x8, 0x20
_STREAM = 1
_LARGEST_FRAME = 16384

# RFC 7541, appendix A: the static table's entries from 8 on, and appendix B: the digits' codes.
_INDEXED = {8: 200, 9: 204, 10: 206, 11: 304, 12: 400, 13: 404, 14: 500}
_DIGITS = {"00000": "0", "00001": "1", "00010": "2"} | {f"{0b011001 + n:06b}": str(3 + n) for n in range(7)}


class NoHttp2(Exception):
    """What came back is not HTTP/2; the text says what it was."""


async def status(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, scheme: str, host: str, path: str, agent: str
) -> int:
    """Raises NoHttp2, and OSError or IncompleteReadError when the connection ends."""
    fields = {":method": "GET", ":scheme": scheme, ":path": path, ":authority": host, "user-agent": agent}
    request = _frame(_HEADERS, _END_STREAM_AND_HEADERS, _STREAM, _block(fields))
    writer.write(_PREFACE + _frame(_SETTINGS, 0, 0, b"") + request)
    while True:
        head = await reader.readexactly(9)
        length, kind, flags = int.from_bytes(head[:3], "big"), head[3], head[4]
        if head.startswith(b"HTTP/1") or length > _LARGEST_FRAME:
            raise NoHttp2("the target answers, but not in HTTP/2")
        content = await reader.readexactly(length)
        if kind == _SETTINGS and not flags & _ACK:
            writer.write(_frame(_SETTINGS, _ACK, 0, b""))
        elif kind == _HEADERS:
            return _status(_unpadded(content, flags))
        elif kind in (_RESET, _GO_AWAY):
            raise NoHttp2("the target refuses the request")


def _frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    return len(content).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + content


def _block(fields: Mapping[str, str]) -> bytes:
    """Literals that nobody need remember."""
    return b"".join(b"\x00" + _text(name) + _text(value) for name, value in fields.items())


def _text(text: str) -> bytes:
    raw = text.encode()
    if len(raw) < 0x7F:
        return bytes((len(raw),)) + raw
    rest, length = len(raw) - 0x7F, bytearray((0x7F,))
    while rest >= 0x80:
        length.append(rest % 0x80 + 0x80)
        rest //= 0x80
    return bytes(length) + bytes((rest,)) + raw


def _unpadded(content: bytes, flags: int) -> bytes:
    start = (1 if flags & _PADDED else 0) + (5 if flags & _PRIORITY else 0)
    return content[start:]


def _status(block: bytes) -> int:
    place = 0
    while block[place] & 0xE0 == 0x20:  # a change of the table's size
        place += 1
    first = block[place]
    if first & 0x80:
        found = _INDEXED.get(first & 0x7F)
    else:
        value = block[place + 2 :][: block[place + 1] & 0x7F]
        text = _digits(value) if block[place + 1] & 0x80 else value.decode("latin-1")
        found = int(text) if text.isdigit() else None
    if found is None:
        raise NoHttp2("the answer has no status")
    return found


def _digits(coded: bytes) -> str:
    """Huffman's codes of digits. What is left over are ones that fill the last octet."""
    bits, text, code = "".join(f"{octet:08b}" for octet in coded), "", ""
    for bit in bits:
        code += bit
        if code in _DIGITS:
            text, code = text + _DIGITS[code], ""
    return text
