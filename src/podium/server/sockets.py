"""A WebSocket as ASGI gives it, as the hub wants it."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any, Protocol

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Socket(Protocol):
    async def send(self, text: str) -> None: ...

    async def send_bytes(self, data: bytes) -> None: ...

    def frames(self) -> AsyncIterator[str | bytes]: ...

    def texts(self) -> AsyncIterator[str]: ...

    async def close(self, code: int, reason: str) -> None: ...


class AsgiSocket:
    """Accept first; then texts come in until the other side, or this one, closes."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._closed = False

    async def accept(self) -> None:
        await self._receive()
        await self._send({"type": "websocket.accept"})

    async def refuse(self, status: int, body: bytes) -> None:
        """Answer the upgrade with a plain HTTP response instead."""
        await self._receive()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self._send({"type": "websocket.http.response.start", "status": status, "headers": headers})
        await self._send({"type": "websocket.http.response.body", "body": body})

    async def send(self, text: str) -> None:
        if not self._closed:
            await self._send({"type": "websocket.send", "text": text})

    async def send_bytes(self, data: bytes) -> None:
        if not self._closed:
            await self._send({"type": "websocket.send", "bytes": data})

    async def texts(self) -> AsyncIterator[str]:
        async for frame in self.frames():
            yield frame if isinstance(frame, str) else frame.decode(errors="replace")

    async def frames(self) -> AsyncIterator[str | bytes]:
        while True:
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                self._closed = True
                return
            text: str | None = event.get("text")
            yield text if text is not None else event.get("bytes") or b""

    async def close(self, code: int, reason: str) -> None:
        if not self._closed:
            self._closed = True
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
