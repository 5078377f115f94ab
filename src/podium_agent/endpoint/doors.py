"""Where requests to the task endpoint come in: over TCP from anybody, over a Unix socket from another agent.

Only an agent of root's can open the socket, so its word on who asked counts. Over TCP it is the connection that tells.
"""

import asyncio
import errno
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from podium_agent.net.server import Answer, BadRequest, Head, read_body, read_head
from podium_program.log import Log

CALLER_HEADER = "x-podium-caller"
NOT_MINE = 421
LARGEST_BODY = 64 * 1024
_REQUEST_SECONDS = 10.0
_ANSWER_SECONDS = 60.0
_AT_ONCE = 64
_TRY_AGAIN_SECONDS = 0.2
_LEAVING_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request, and the address it came from."""

    head: Head
    caller: str
    body: bytes = b""


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Respond = Callable[[Asked], Awaitable[Answer]]


def over_tcp(respond: Respond, *, largest: int = LARGEST_BODY, at_once: int = _AT_ONCE) -> Serve:
    """Answers one request a connection. A caller may have `at_once` connections, and send `largest` bytes on each."""
    open_now: Counter[str] = Counter()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = str(writer.get_extra_info("peername")[0])
        open_now[caller] += 1
        try:
            if open_now[caller] > at_once:
                await _send(writer, _refused(BadRequest("too many connections", 429)))
            else:
                await _serve_one(reader, writer, lambda head: caller, respond, largest)
        finally:
            open_now[caller] -= 1
            if not open_now[caller]:
                del open_now[caller]
            writer.close()

    return serve


def over_a_socket(respond: Respond) -> Serve:
    """The same for another agent of this host, which says who asked it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _serve_one(reader, writer, lambda head: head.header(CALLER_HEADER), respond)
        finally:
            writer.close()

    return serve


async def _serve_one(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    caller: Callable[[Head], str],
    respond: Respond,
    largest: int = LARGEST_BODY,
) -> None:
    try:
        async with asyncio.timeout(_REQUEST_SECONDS):
            head = await read_head(reader)
            body = await read_body(reader, head, largest)
        async with asyncio.timeout(_ANSWER_SECONDS):
            await _send(writer, await respond(Asked(head=head, caller=caller(head), body=body)))
    except BadRequest as error:
        await _send(writer, _refused(error))
    except (OSError, EOFError):
        return  # it went away, or was too slow


async def _send(writer: asyncio.StreamWriter, answer: Answer) -> None:
    try:
        writer.write(answer.encoded())
        await writer.drain()
    except OSError:
        return


def _refused(error: BadRequest) -> Answer:
    return Answer(status=error.status, body=str(error))


class Door:
    """A port of the host that its agents serve together: the kernel gives each connection to one of them.

    While a process has it that does not share, such as another user's or an older agent, it is tried until it is free.
    """

    def __init__(
        self, address: str, port: int, serve: Serve, log: Log, address_is_gone: Callable[[], Awaitable[None]]
    ) -> None:
        self._address, self._port, self._serve, self._log = address, port, serve, log
        self._address_is_gone = address_is_gone
        self._server: asyncio.Server | None = None
        self._served: set[asyncio.Future[None]] = set()

    async def open(self) -> bool:
        """Whether this agent serves the port now."""
        try:
            self._server = await asyncio.start_server(self._begin, self._address, self._port, reuse_port=True)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                await self._address_is_gone()
            return False
        self._log("serves the task endpoint of this host", address=self._address, port=self._port)
        return True

    async def run(self) -> None:
        """Until it is cancelled."""
        while self._server is None and not await self.open():  # noqa: ASYNC110  (nobody tells when a port is free)
            await asyncio.sleep(_TRY_AGAIN_SECONDS)
        await asyncio.get_running_loop().create_future()

    async def leave(self) -> None:
        """The others go on. Whom this one has begun to serve is answered, unless that takes longer than a second."""
        if self._server is not None:
            self._server.close()
        if self._served:
            await asyncio.wait(self._served, timeout=_LEAVING_SECONDS)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._served.add(task)
        task.add_done_callback(self._served.discard)


async def on_a_socket(path: Path, serve: Serve) -> asyncio.Server:
    return await asyncio.start_unix_server(serve, path)
