"""Who asked for a session: a plugin on a data channel that may break and be taken up again, or the podium command."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Protocol

from podium.server.sockets import Socket
from podium_protocol import Malformed, decode, sessions
from podium_protocol.datachannel import Channel, Input, Ready, Refused, Resized, Terminated

TICK_SECONDS = 0.1
RESUME_SECONDS = 60.0
SIZE_SECONDS = 1.0
IDLE_SECONDS = 20 * 60.0
FAREWELL_SECONDS = 5.0
MOST_WAITING = 256  # frames of input; what comes beyond that is taken when it comes again
IDLE = "Your session timed out due to inactivity."


class Visitor(Protocol):
    why_gone: str  # for the user, where there is something to say
    size: tuple[int, int] | None  # columns and rows, where they are known

    async def ready(self) -> bool:
        """Whether the session may begin; False when the visitor has left before it could."""

    def frames(self) -> AsyncIterator[str | bytes]:
        """What the agent should hear, in `podium_protocol.sessions`' words, until the visitor is gone."""

    async def show(self, piece: sessions.Piece) -> None:
        """Hand output on. Returns when there is room for more."""

    async def end(self, exit_code: int | None, reason: str) -> None:
        """Say farewell, in words where there is something to say."""


class Direct:
    """The podium command: its socket speaks the agent's own words, and a broken one is the end."""

    why_gone = ""

    def __init__(self, socket: Socket, size: tuple[int, int] | None = None) -> None:
        self._socket, self.size = socket, size

    async def ready(self) -> bool:
        return True

    async def frames(self) -> AsyncIterator[str | bytes]:
        async for frame in self._socket.frames():
            yield checked(frame)

    async def show(self, piece: sessions.Piece) -> None:
        await self._socket.send_bytes(sessions.piece(piece.data, piece.stream))

    async def end(self, exit_code: int | None, reason: str) -> None:
        await self._socket.send(sessions.ended(exit_code, reason))
        await self._socket.close(1000, "")


class Plugin:
    """A session-manager-plugin. Between two sockets its session waits a minute for it."""

    def __init__(self, session_id: str, command: str) -> None:
        self._channel = Channel(session_id, command, lambda: int(time.time() * 1000))
        self._socket: Socket | None = None
        self._input: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._moved = asyncio.Event()
        self._heard_at = self._left_at = time.monotonic()
        self._ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._is_over = False
        self.why_gone = ""
        self.size: tuple[int, int] | None = None
        self._ticking = asyncio.create_task(self._tick())

    async def attend(self, socket: Socket) -> None:
        """Serve one socket of the channel until it closes. A later one takes its place; after the end there is none."""
        if self._is_over:
            await socket.close(1000, "")
            return
        before, self._socket = self._socket, socket
        if before is not None:
            await before.close(1000, "ConnectionReplaced")
        self._heard_at = time.monotonic()
        self._channel.opened(self._heard_at)
        await self._flush()
        try:
            async for frame in socket.frames():
                if self._socket is not socket:
                    return
                self._hear(frame if isinstance(frame, bytes) else frame.encode())
                await self._flush()
        finally:
            if self._socket is socket:
                self._socket, self._left_at = None, time.monotonic()
                self._moved.set()

    async def ready(self) -> bool:
        """A plugin tells its terminal's size next, so that no program need begin with a wrong one."""
        is_ready = await self._ready
        with suppress(TimeoutError):
            async with asyncio.timeout(SIZE_SECONDS):
                while is_ready and self.size is None:
                    await self._moves()
        return is_ready

    async def frames(self) -> AsyncIterator[str | bytes]:
        while (frame := await self._input.get()) is not None:
            yield frame

    async def show(self, piece: sessions.Piece) -> None:
        self._heard_at = now = time.monotonic()
        self._channel.output(piece.data, now)
        await self._flush()
        while not self._channel.has_room:
            await self._moves()

    async def end(self, exit_code: int | None, reason: str) -> None:
        """The plugin shows the reason, and no exit code. What it has not heard yet comes before that."""
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                while not self._channel.has_told_all and self._socket is not None:
                    await self._moves()
        except TimeoutError:
            reason = reason or "Not all output arrived."
        self._is_over = True
        self._ticking.cancel()
        self._channel.closed(reason)
        await self._flush()
        if self._socket is not None:
            await self._socket.close(1000, "")

    def leave(self, why: str = "") -> None:
        self.why_gone = why
        self._input.put_nowait(None)
        self._begin(False)

    def _begin(self, ready: bool) -> None:
        if not self._ready.done():
            self._ready.set_result(ready)

    def _hear(self, frame: bytes) -> None:
        now = time.monotonic()
        for heard in self._channel.heard(frame, now, room=self._input.qsize() < MOST_WAITING):
            self._heard_at = now
            match heard:
                case Ready():
                    self._begin(True)
                case Input(data):
                    for start in range(0, len(data), sessions.LARGEST_PIECE):
                        self._input.put_nowait(sessions.piece(data[start : start + sessions.LARGEST_PIECE]))
                case Resized(columns, rows):
                    self.size = (columns, rows)
                    self._input.put_nowait(sessions.resized(columns, rows))
                case Refused(reason):
                    self.leave(reason)
                case Terminated():
                    self.leave()
        self._moved.set()

    async def _tick(self) -> None:
        """Sends again what is due, and notices who does not come back and who fell asleep."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = time.monotonic()
            if self._socket is None and now - self._left_at > RESUME_SECONDS:
                self.leave()
                return
            if now - self._heard_at > IDLE_SECONDS:
                self.leave(IDLE)
                return
            if self._socket is not None:
                self._channel.tick(now)
                await self._flush()

    async def _flush(self) -> None:
        """Without a socket nothing is lost: all of it is sent on the next one."""
        socket, frames = self._socket, self._channel.frames()
        for frame in frames if socket is not None else ():
            try:
                await socket.send_bytes(frame)  # type: ignore[union-attr]
            except OSError:
                return

    async def _moves(self) -> None:
        self._moved.clear()
        await self._moved.wait()


def checked(frame: str | bytes) -> str | bytes:
    """A frame of a visitor's as the agent may have it. Raises Malformed."""
    if isinstance(frame, bytes):
        if len(frame) > sessions.LARGEST_FRAME or sessions.read_piece(frame).stream != sessions.MAIN:
            raise Malformed("Input is of the main stream, in small pieces.")
        return frame
    message = decode(frame)
    if message.type == sessions.RESIZED:
        return sessions.resized(*sessions.size(message.body))
    if message.type == sessions.INPUT_ENDED:
        return sessions.input_ended()
    raise Malformed(f"A visitor does not say {message.type}.")
