"""Podium's API for tasks, wherever their network lets them call: requests are passed on to their control plane.

The Host header goes along unchanged, since the signature covers it. What is not for tasks is not passed on: Podium's
own pages, the agents' channels, and anything that two readers might read in two ways.
"""

import asyncio
import posixpath
import re
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from urllib.parse import unquote, urlsplit

from podium_agent.net.server import Answer, BadRequest, Head, read_head

_HEAD_SECONDS = 60.0
_IDLE_SECONDS = 300.0
_AT_ONCE = 128
_CHUNK = 64 * 1024
_HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"}
_PAGES, _NOT_FOR_TASKS = "/_podium/", ("/metrics", "/readyz")
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")

Route = Callable[[str], Awaitable[str]]
"""The URL of the control plane that the task at an address belongs to; empty for an address of no task."""


class Relay:
    """One request a connection: the answer ends with it."""

    def __init__(self, route: Route, tls: ssl.SSLContext | None = None) -> None:
        self._route, self._tls = route, tls
        self._open: Counter[str] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = str(writer.get_extra_info("peername")[0])
        self._open[caller] += 1
        try:
            if self._open[caller] > _AT_ONCE:
                raise BadRequest("too many connections", 429)
            await self._pass_on(caller, reader, writer)
        except BadRequest as error:
            await _refuse(writer, error)
        except (OSError, EOFError):
            return
        finally:
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]
            writer.close()

    async def _pass_on(self, caller: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_HEAD_SECONDS):
            head = await read_head(reader)
        passed = request_head(head)
        url = await self._route(caller)
        if not url:
            raise BadRequest("no task of Podium's has this address", 403)
        try:
            upstream, sender = await self._dial(url)
        except OSError as error:
            raise BadRequest("Podium does not answer", 503) from error
        asking = asyncio.create_task(_send(head, passed, reader, sender))
        try:
            await _copy(upstream, writer)
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            sender.close()

    async def _dial(self, url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(url)
        if parts.scheme != "https":
            return await asyncio.open_connection(parts.hostname, parts.port or 80)
        self._tls = self._tls or ssl.create_default_context()
        return await asyncio.open_connection(parts.hostname, parts.port or 443, ssl=self._tls)


def request_head(head: Head) -> bytes:
    """The head as it is passed on. Raises BadRequest for what is not for tasks."""
    meant = posixpath.normpath("/" + unquote(re.split("[?#;]", head.target)[0]).replace("\\", "/").lower().lstrip("/"))
    if meant in _NOT_FOR_TASKS or (meant + "/").startswith(_PAGES):
        raise BadRequest("this is not for tasks", 403)
    if [name for name, _ in head.headers].count("host") != 1:
        raise BadRequest("one Host header is needed")
    if head.header("upgrade"):
        raise BadRequest("no other protocol is spoken here", 403)
    lines = [f"{head.method} {head.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in head.headers if name not in _HOP_BY_HOP]
    return ("\r\n".join([*lines, "connection: close"]) + "\r\n\r\n").encode("latin-1")


async def _send(head: Head, passed: bytes, reader: asyncio.StreamReader, sender: asyncio.StreamWriter) -> None:
    """The request and exactly its body, so that nothing can follow behind it. Who sends less is hung up on."""
    try:
        sender.write(passed)
        if head.length is None:
            await _send_chunks(reader, sender)
        else:
            await _send_bytes(head.length, reader, sender)
    except (OSError, EOFError, BadRequest):
        sender.close()


async def _send_bytes(left: int, reader: asyncio.StreamReader, sender: asyncio.StreamWriter) -> None:
    while left:
        data = await reader.readexactly(min(left, _CHUNK))
        left -= len(data)
        sender.write(data)
        await sender.drain()


async def _send_chunks(reader: asyncio.StreamReader, sender: asyncio.StreamWriter) -> None:
    while size := _chunk_size(await reader.readline()):
        data = await reader.readexactly(size + 2)
        sender.write(b"%x\r\n%s\r\n" % (size, data[:size]))
        await sender.drain()
    sender.write(b"0\r\n\r\n")
    await sender.drain()


def _chunk_size(line: bytes) -> int:
    digits = line.split(b";")[0].strip()
    if not line.endswith(b"\n") or not _SIZE.fullmatch(digits):
        raise BadRequest("a chunk's size is not plain")
    return int(digits, 16)


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while True:
        async with asyncio.timeout(_IDLE_SECONDS):
            data = await source.read(_CHUNK)
        if not data:
            return
        target.write(data)
        await target.drain()


async def _refuse(writer: asyncio.StreamWriter, error: BadRequest) -> None:
    try:
        writer.write(Answer(status=error.status, body={"message": str(error)}).encoded())
        await writer.drain()
    except OSError:
        return
