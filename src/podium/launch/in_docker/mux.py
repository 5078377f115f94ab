"""Many connections over one ordered pair of byte streams.

Each frame has a header of nine bytes: the connection's number, the kind, and the length of what follows. A sender may
be at most a window ahead of what the other end has passed on, so that one slow connection holds up no other.
"""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import IntEnum
from typing import Protocol

_HEADER = struct.Struct(">IBI")
_WINDOW_BYTES = 2**20
_PIECE_BYTES = 2**16


class Kind(IntEnum):
    OPEN = 1
    DATA = 2
    PASSED_ON = 3
    """The length is how many bytes were; nothing follows."""
    END = 4
    """No more data comes; there may still be an answer."""
    RESET = 5


class Source(Protocol):
    async def readexactly(self, n: int, /) -> bytes: ...


class Sink(Protocol):
    def write(self, data: bytes, /) -> None: ...

    async def drain(self) -> None: ...


class _Connection:
    def __init__(self) -> None:
        self.arrived: asyncio.Queue[bytes] = asyncio.Queue()
        self.window = _WINDOW_BYTES
        self.widened = asyncio.Event()
        self.relay: asyncio.Task[None] | None = None


class Mux:
    """One end. `opened` is called with the number of each connection that the other end opens."""

    def __init__(self, source: Source, sink: Sink, opened: Callable[[int], Awaitable[None]] | None = None) -> None:
        self._source, self._sink, self._opened = source, sink, opened
        self._connections: dict[int, _Connection] = {}
        self._last = 0
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Until the other end is gone; every connection ends with it."""
        try:
            while True:
                number, kind, length = _HEADER.unpack(await self._source.readexactly(_HEADER.size))
                data = await self._source.readexactly(length) if kind == Kind.DATA else b""
                self._take(number, Kind(kind), length, data)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            for connection in list(self._connections.values()):
                _cut(connection)

    async def open(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry a connection to the other end. Returns when it has ended."""
        self._last += 1
        number = self._last
        self._expect(number)
        await self._send(number, Kind.OPEN)
        await self.relay(number, reader, writer)

    async def relay(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = self._connections[number]
        connection.relay = asyncio.current_task()
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._outwards(number, connection, reader))
                both.create_task(self._inwards(number, connection, writer))
        except* (OSError, asyncio.CancelledError):
            await self.refuse(number)
        finally:
            self._connections.pop(number, None)
            writer.close()

    async def refuse(self, number: int) -> None:
        """The connection is over, for both ends."""
        self._connections.pop(number, None)
        with suppress(OSError):  # nobody is left to tell
            await self._send(number, Kind.RESET)

    def _expect(self, number: int) -> None:
        self._connections[number] = _Connection()

    def _take(self, number: int, kind: Kind, length: int, data: bytes) -> None:
        if kind is Kind.OPEN:
            self._expect(number)
            assert self._opened is not None, "only one end opens connections"
            _kept(asyncio.ensure_future(self._opened(number)))
            return
        connection = self._connections.get(number)
        if connection is None:
            return  # it ended here, and the other end does not know yet
        if kind is Kind.PASSED_ON:
            connection.window += length
            connection.widened.set()
        elif kind is Kind.RESET:
            _cut(connection)
        else:
            connection.arrived.put_nowait(data)  # of END there is none, and that is its sign

    async def _outwards(self, number: int, connection: _Connection, reader: asyncio.StreamReader) -> None:
        while piece := await reader.read(min(_PIECE_BYTES, await _room(connection))):
            connection.window -= len(piece)
            await self._send(number, Kind.DATA, piece)
        await self._send(number, Kind.END)

    async def _inwards(self, number: int, connection: _Connection, writer: asyncio.StreamWriter) -> None:
        while piece := await connection.arrived.get():
            writer.write(piece)
            await writer.drain()
            await self._send(number, Kind.PASSED_ON, length=len(piece))
        if writer.can_write_eof():
            writer.write_eof()

    async def _send(self, number: int, kind: Kind, data: bytes = b"", length: int = 0) -> None:
        async with self._turn:
            self._sink.write(_HEADER.pack(number, kind, length or len(data)) + data)
            await self._sink.drain()


async def _room(connection: _Connection) -> int:
    while connection.window <= 0:
        connection.widened.clear()
        await connection.widened.wait()
    return connection.window


def _cut(connection: _Connection) -> None:
    if connection.relay is not None:
        connection.relay.cancel()
    connection.arrived.put_nowait(b"")


_running: set[asyncio.Future[None]] = set()


def _kept(task: asyncio.Future[None]) -> None:
    """asyncio itself holds no task."""
    _running.add(task)
    task.add_done_callback(_running.discard)
