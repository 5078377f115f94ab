"""The WebSocket to the control plane: signed, kept open, opened again."""

import asyncio
import random
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from podium_program.dialing import dialed
from podium_program.log import Log
from podium_protocol import Malformed, Message, decode
from podium_protocol.proxy import PATH, REPLACED
from podium_protocol.signing import Signer

_REPLACED_SECONDS = 30.0
_FIRST_DELAY, _LAST_DELAY, _GROWTH = 0.2, 10.0, 1.6
_LARGEST_MESSAGE = 512 * 1024 * 1024


class Link:
    """`on_open` may send; `on_message` hears each message. What is sent while there is no link is dropped."""

    def __init__(
        self,
        endpoint: str,
        signer: Signer,
        on_open: Callable[[], None],
        on_message: Callable[[Message], None],
        log: Log,
    ) -> None:
        self._endpoint, self._signer, self._log = endpoint, signer, log
        self._on_open, self._on_message = on_open, on_message
        self._outgoing: asyncio.Queue[str] | None = None

    def send(self, frame: str) -> None:
        if self._outgoing is not None:
            self._outgoing.put_nowait(frame)

    async def run(self) -> None:
        """Connects for as long as it is not cancelled."""
        waits = _delays()
        while True:
            try:
                replaced = await self._once()
                waits = _delays()
                if replaced:
                    self._log("another proxy carries the traffic now", tries_again_after=_REPLACED_SECONDS)
                    await asyncio.sleep(_REPLACED_SECONDS)
            except InvalidStatus as error:
                reason = (error.response.body or b"").decode(errors="replace")[:300]
                self._log("the control plane refuses the link", status=error.response.status_code, reason=reason)
            except (OSError, EOFError, WebSocketException) as error:
                self._log("the control plane is not reached", reason=str(error) or type(error).__name__)
            except Exception as error:  # whatever a library makes of a torn connection: what is carried goes on
                self._log("the link failed", reason=f"{type(error).__name__}: {error}")
            await asyncio.sleep(next(waits))

    async def _once(self) -> bool:
        """Whether the link ended since another proxy has taken its place."""
        parts = urlsplit(self._endpoint)
        scheme = "wss" if parts.scheme == "https" else "ws"
        url = f"{scheme}://{parts.netloc}{PATH}"
        async with dialed(url, self._signer, largest=_LARGEST_MESSAGE) as socket:
            self._log("the control plane is linked")
            await self._talk(socket)
            return socket.close_reason == REPLACED

    async def _talk(self, socket: ClientConnection) -> None:
        outgoing = self._outgoing = asyncio.Queue()
        writer = asyncio.create_task(_write(socket, outgoing))
        try:
            self._on_open()
            while True:
                self._hear(await socket.recv())
        except ConnectionClosed:
            return
        finally:
            self._outgoing = None
            writer.cancel()

    def _hear(self, frame: str | bytes) -> None:
        try:
            message = decode(frame)
        except Malformed as error:
            self._log("passed over a frame", reason=str(error))
            return
        self._on_message(message)


async def _write(socket: ClientConnection, outgoing: asyncio.Queue[str]) -> None:
    try:
        while True:
            await socket.send(await outgoing.get())
    except ConnectionClosed:
        return


def _delays() -> Iterator[float]:
    delay = _FIRST_DELAY
    while True:
        yield delay * (1 + random.random() * 0.2)
        delay = min(delay * _GROWTH, _LAST_DELAY)
