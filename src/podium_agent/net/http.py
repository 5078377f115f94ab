"""An HTTP/1.1 client over TCP or a Unix socket, keeping connections open between requests."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from podium_protocol.signing import host_header

_LONGEST_LINE = 1024 * 1024
_LEAST_HELD = 32 * 1024  # bytes; of another protocol, which waits rather than piling up
_IDLE_KEPT = 16

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Dial = Callable[[int], Awaitable[Streams]]
"""Opens a connection whose reader holds twice so many bytes at most before the other side has to wait."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """An answer that has been read whole. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Client:
    """Requests to one server. Raises OSError, EOFError or TimeoutError when it is not to be reached."""

    def __init__(self, dial: Dial, host: str) -> None:
        self.host = host
        self._dial = dial
        self._idle: list[Streams] = []

    async def request(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout: float = 30,
    ) -> Response:
        """One request and its whole answer. `timeout` is in seconds, for all of it."""
        async with asyncio.timeout(timeout):
            return await self._request(method, target, headers or {}, body)

    async def lines(self, method: str, target: str) -> AsyncIterator[tuple[int, bytes]]:
        """The lines of an answer as they come, each with the answer's status. Ends with the answer."""
        reader, writer = await self._dial(_LONGEST_LINE)
        try:
            writer.write(_head(method, target, self.host, {}, b""))
            status, headers = await _read_head(reader)
            yield status, b""
            async for line in _lines(_chunks(reader, headers)):
                yield status, line
        finally:
            writer.close()

    async def upgraded(
        self, method: str, target: str, *, headers: Mapping[str, str], body: bytes, timeout: float
    ) -> Streams | Response:
        """The connection itself, once the server has given it up for another protocol; its answer when it has not."""
        asked = {"Connection": "Upgrade", "Upgrade": "tcp", **headers}
        async with asyncio.timeout(timeout):
            reader, writer = await self._dial(_LEAST_HELD)
            try:
                writer.write(_head(method, target, self.host, asked, body) + body)
                status, told = await _read_head(reader)
                if status == 101:
                    return reader, writer
                answer = b"".join([chunk async for chunk in _chunks(reader, told)])
            except BaseException:
                writer.close()
                raise
        writer.close()
        return Response(status=status, headers=told, body=answer)

    def close(self) -> None:
        while self._idle:
            self._idle.pop()[1].close()

    async def _request(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        head = _head(method, target, self.host, headers, body)
        while (streams := self._take_idle()) is not None:
            try:
                return await self._exchange(streams, head + body)
            except (ConnectionError, EOFError):
                continue  # the server closed an idle connection just when we took it
        return await self._exchange(await self._dial(_LONGEST_LINE), head + body)

    async def _exchange(self, streams: Streams, request: bytes) -> Response:
        reader, writer = streams
        try:
            writer.write(request)
            status, headers = await _read_head(reader)
            empty = status in (204, 304) or status < 200
            body = b"" if empty else b"".join([chunk async for chunk in _chunks(reader, headers)])
        except BaseException:
            writer.close()
            raise
        if headers.get("connection", "").lower() == "close" or len(self._idle) >= _IDLE_KEPT:
            writer.close()
        else:
            self._idle.append(streams)
        return Response(status=status, headers=headers, body=body)

    def _take_idle(self) -> Streams | None:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return None


def to_unix_socket(path: str) -> Client:
    return Client(lambda limit: asyncio.open_unix_connection(path, limit=limit), "docker")


def to_url(url: str, tls: ssl.SSLContext | None = None) -> Client:
    """A client of an http or https URL. A default port is left out of the Host header, as the signers do."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    host = parts.hostname or "127.0.0.1"
    context = (tls or ssl.create_default_context()) if secure else None
    return Client(lambda limit: asyncio.open_connection(host, port, ssl=context, limit=limit), host_header(url))


def _head(method: str, target: str, host: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", *(f"{n}: {v}" for n, v in {"Host": host, **headers}.items())]
    if body or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    block = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *rest = block.rstrip().split("\r\n")
    pairs = (line.partition(":") for line in rest)
    return int(first.split(" ", 2)[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}


async def _chunks(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> AsyncIterator[bytes]:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        while size := int((await reader.readline()).split(b";")[0] or b"0", 16):
            yield await reader.readexactly(size)
            await reader.readexactly(2)
        while (await reader.readline()).strip():
            pass
    elif "content-length" in headers:
        yield await reader.readexactly(int(headers["content-length"]))
    else:
        yield await reader.read()


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line.strip():
                yield line.strip()
    if rest.strip():
        yield rest.strip()
