"""HTTP/1.1 as the agent serves it to containers: one request a connection, read with suspicion.

Whoever asks may be hostile. A request that could be read in two ways is refused.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TARGET = re.compile(r"/[\x21-\x7e]*")
_LENGTH = re.compile(r"[0-9]{1,15}")


class BadRequest(Exception):
    """The request is refused with `status`; the text says why."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Head:
    """A request without its body. Header names are in lower case; `target` is the path and query as they were sent.

    `length` is the size of the body in bytes, None for a chunked one.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = 0

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def header(self, name: str) -> str:
        return next((value for held, value in self.headers if held == name), "")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a request is answered with. A `body` that is not bytes is written as JSON."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        headers = {"Content-Type": "application/json", **self.headers, "Content-Length": str(len(body))}
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


async def read_head(reader: asyncio.StreamReader) -> Head:
    """Raises BadRequest, and OSError or EOFError when there is no whole head to read."""
    try:
        block = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise BadRequest("the request's head is too long", 431) from error
    return parse_head(block)


def parse_head(block: bytes) -> Head:
    """The head in `block`, which ends with an empty line. Raises BadRequest."""
    first, *lines = block[:-4].decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or words[2] not in ("HTTP/1.1", "HTTP/1.0") or not _TOKEN.fullmatch(words[0]):
        raise BadRequest("the first line is no request of HTTP/1.1")
    if not _TARGET.fullmatch(words[1]):
        raise BadRequest("a request names a path here")
    headers = tuple(_header(line) for line in lines)
    return Head(method=words[0], target=words[1], headers=headers, length=_length(headers))


async def read_body(reader: asyncio.StreamReader, head: Head, largest: int) -> bytes:
    """A body of a known length. Raises BadRequest for a chunked one, and for one larger than `largest` bytes."""
    if head.length is None:
        raise BadRequest("a body needs a Content-Length here", 411)
    if head.length > largest:
        raise BadRequest("the body is too large", 413)
    return await reader.readexactly(head.length)


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not _TOKEN.fullmatch(name) or "\n" in value or "\r" in value or "\0" in value:
        raise BadRequest("a header is malformed")
    return name.lower(), value.strip(" \t")


def _length(headers: tuple[tuple[str, str], ...]) -> int | None:
    lengths = [value for name, value in headers if name == "content-length"]
    codings = [value.lower() for name, value in headers if name == "transfer-encoding"]
    if codings:
        if codings != ["chunked"] or lengths:
            raise BadRequest("the body's length is not plain")
        return None
    if len(lengths) > 1 or not all(_LENGTH.fullmatch(value) for value in lengths):
        raise BadRequest("the body's length is not plain")
    return int(lengths[0]) if lengths else 0
