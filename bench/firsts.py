"""How long after its health is found a target gets its first request."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import balancers
from bench.balancers import Plane
from bench.raw import until

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_PAUSE_SECONDS = 0.002


class Backend:
    """Notes when it was first checked, and when it was first asked by somebody else. One for all connections."""

    def __init__(self) -> None:
        self.checked: float | None = None
        self.asked: float | None = None
        self.port = 0

    def connection(self) -> asyncio.Protocol:
        return _Connection(self)

    def note(self, is_check: bool) -> None:
        if is_check and self.checked is None:
            self.checked = time.monotonic()
        elif not is_check and self.asked is None:
            self.asked = time.monotonic()


class _Connection(asyncio.Protocol):
    """A request here comes in one piece."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(_ANSWER)
        self._backend.note(b"ELB-HealthChecker" in data)


def measure(times: int) -> list[float]:
    """Seconds from the check that a new target passed to its first request, so often, with a new target each time."""
    found = []
    port = 18081
    with balancers.proxy(threads=1) as (plane, _):
        for _ in range(times):
            plane.wait(plane.say(balancers.balancer(0, port, [])))
            with _backend() as backend, _asking(port):
                found.append(_first(plane, backend, port))
    return found


def _first(plane: Plane, backend: Backend, port: int) -> float:
    plane.wait(plane.say(balancers.balancer(0, port, [("127.0.0.1", backend.port)])))
    until(lambda: backend.asked is not None, "a target's first request", 30)
    assert backend.checked is not None, "nobody gets a request before a check"
    assert backend.asked is not None, "it was waited for"
    return backend.asked - backend.checked


@contextmanager
def _asking(port: int) -> Iterator[None]:
    """Somebody asks the load balancer all the time, whatever it says."""
    over = threading.Event()
    asking = threading.Thread(target=asyncio.run, args=(_ask(port, over),))
    asking.start()
    try:
        yield
    finally:
        over.set()
        asking.join()


async def _ask(port: int, over: threading.Event) -> None:
    reader, writer = await asyncio.open_connection("127.0.64.1", port)
    while not over.is_set():
        writer.write(b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
        await asyncio.sleep(_PAUSE_SECONDS)
    writer.close()


@contextmanager
def _backend() -> Iterator[Backend]:
    backend, loop = Backend(), asyncio.new_event_loop()

    async def serve() -> None:
        async with await loop.create_server(backend.connection, "127.0.0.1", 0) as server:
            backend.port = server.sockets[0].getsockname()[1]
            await over.wait()

    over = asyncio.Event()
    serving = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    serving.start()
    until(lambda: backend.port > 0, "the backend", 10)
    try:
        yield backend
    finally:
        loop.call_soon_threadsafe(over.set)
        serving.join()
        loop.close()
