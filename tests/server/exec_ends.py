"""Both ends of a session in the test's own process: sockets without a network, and an agent that says what it hears."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from podium_protocol import Message, decode, sessions


class Pipe:
    """The server's side of a WebSocket; `says` and `heard` are the other's."""

    def __init__(self) -> None:
        self._incoming: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self.heard: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self.code: int | None = None

    def says(self, frame: str | bytes) -> None:
        self._incoming.put_nowait(frame)

    def breaks(self) -> None:
        self._incoming.put_nowait(None)

    async def send(self, text: str) -> None:
        self.heard.put_nowait(text)

    async def send_bytes(self, data: bytes) -> None:
        self.heard.put_nowait(data)

    async def frames(self) -> AsyncIterator[str | bytes]:
        while (frame := await self._incoming.get()) is not None:
            yield frame

    async def texts(self) -> AsyncIterator[str]:
        async for frame in self.frames():
            yield str(frame)

    async def close(self, code: int, reason: str) -> None:
        if self.code is None:
            self.code = code
            self._incoming.put_nowait(None)
            self.heard.put_nowait(None)


class Echo:
    """Dials in whenever it is told of a session, and writes back what is typed. `exit` ends the command."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.heard: list[str] = []
        self.doors: Any = None
        self.instance = ""
        self.left = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    def say(self, instance_arn: str, message: Message) -> bool:
        """What the hub does."""
        self.told.append(dict(message.body))
        self._running.add(asyncio.create_task(self._serve(str(message.body["sessionId"]))))
        return True

    async def _serve(self, identity: str) -> None:
        pipe = Pipe()
        serving = asyncio.create_task(self.doors.serve_agent(pipe, self.instance, identity))
        while (frame := await pipe.heard.get()) is not None:
            if isinstance(frame, str):
                self.heard.append(decode(frame).type)
            elif sessions.read_piece(frame).data == b"exit":
                pipe.says(sessions.ended(3))
            else:
                pipe.says(frame)
        self.left.set()
        await serving
