"""One WebSocket that is kept open: dialing, signing, inactivity, lifetime, and when to dial again."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from podium_agent.net.backoff import delays
from podium_program.dialing import dialed
from podium_program.log import Log
from podium_protocol import Malformed, Message, decode, upgrades
from podium_protocol.signing import Signs

if TYPE_CHECKING:  # the library is imported when a channel is first opened, after registration
    from websockets.asyncio.client import ClientConnection

_DIAL_SECONDS = 30.0
_CLEAN_CLOSES = (1000, 1001, 1006, 1011)
_LARGEST_MESSAGE = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Manners:
    """How a channel behaves, in seconds. Chance makes many agents do the same at different times.

    The official agent lets its delay grow to two minutes; a control plane of one's own is back sooner.
    """

    lifetime: float = 30 * 60
    lifetime_jitter: float = 5 * 60
    silence: float = 60
    silence_jitter: float = 60
    first_delay: float = 0.25
    last_delay: float = 15
    factor: float = 1.5
    inactive_delay: float = 3600


class Link:
    """`on_open` is called for each connection and may send, and `on_close` once it is over; `on_message` for each
    message; `on_unknown` and `on_inactive` when the control plane does not know the container
    instance, or does not want it any more.

    `url` is asked anew for each connection. Messages sent while there is none are dropped:
    what matters is sent again by whoever needs it.
    """

    def __init__(
        self,
        *,
        url: Callable[[], Awaitable[str]],
        signer: Signs,
        on_message: Callable[[Message], None],
        on_open: Callable[[], None] = lambda: None,
        on_close: Callable[[], None] = lambda: None,
        on_unknown: Callable[[], None] = lambda: None,
        on_inactive: Callable[[], None] = lambda: None,
        manners: Manners,
        log: Log,
    ) -> None:
        self._url = url
        self._signer = signer
        self._on_message = on_message
        self._on_open, self._on_close = on_open, on_close
        self._on_unknown = on_unknown
        self._on_inactive = on_inactive
        self._manners = manners
        self._log = log
        self._outgoing: asyncio.Queue[str] | None = None

    @property
    def is_open(self) -> bool:
        return self._outgoing is not None

    def send(self, frame: str) -> None:
        if self._outgoing is not None:
            self._outgoing.put_nowait(frame)

    async def run(self) -> None:
        """Connects for as long as it is not cancelled."""
        m = self._manners
        waits = delays(m.first_delay, m.last_delay, factor=m.factor)
        while True:
            delay = await self._once()
            if delay is None:
                waits = delays(m.first_delay, m.last_delay, factor=m.factor)
                continue
            await asyncio.sleep(next(waits) if delay == 0 else delay)

    async def _once(self) -> float | None:
        """One connection. None: dial again at once; 0: back off; else seconds to stay away."""
        from websockets.exceptions import InvalidStatus, WebSocketException

        try:
            return await self._connected()
        except InvalidStatus as error:
            body = (error.response.body or b"").decode(errors="replace")
            self._log("a channel was refused", status=error.response.status_code, reason=body[:300])
            if upgrades.is_inactive(body):
                self._on_inactive()
                return self._manners.inactive_delay
            if upgrades.is_unknown(body):
                self._on_unknown()
        except (OSError, EOFError, WebSocketException) as error:
            self._log("a channel could not be opened", reason=str(error) or type(error).__name__)
        return 0

    async def _connected(self) -> float | None:
        url = await self._url()
        async with dialed(url, self._signer, largest=_LARGEST_MESSAGE, within=_DIAL_SECONDS, ping_every=None) as socket:
            return await self._talk(socket)

    async def _talk(self, socket: "ClientConnection") -> float | None:
        self._outgoing = asyncio.Queue()
        self._on_open()
        writer = asyncio.create_task(self._write(socket, self._outgoing))
        try:
            return await self._listen(socket)
        finally:
            self._outgoing = None
            writer.cancel()
            self._on_close()

    async def _write(self, socket: "ClientConnection", outgoing: asyncio.Queue[str]) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            while True:
                await socket.send(await outgoing.get())
        except ConnectionClosed:
            return

    async def _listen(self, socket: "ClientConnection") -> float | None:
        from websockets.exceptions import ConnectionClosed

        m = self._manners
        loop = asyncio.get_running_loop()
        end = loop.time() + m.lifetime + random.random() * m.lifetime_jitter
        while loop.time() < end:
            silence = m.silence + random.random() * m.silence_jitter
            try:
                async with asyncio.timeout(min(silence, end - loop.time())):
                    frame = await socket.recv()
            except TimeoutError:
                if loop.time() < end:
                    self._log("a channel fell silent and is opened anew", seconds=round(silence))
                break
            except ConnectionClosed as closed:
                code = 1006 if closed.rcvd is None else closed.rcvd.code
                return None if code in _CLEAN_CLOSES else 0
            self._hear(frame)
        await socket.close(1000, "ConnectionExpired: Reconnect to continue")
        return None

    def _hear(self, frame: str | bytes) -> None:
        try:
            message = decode(frame)
        except Malformed as error:
            self._log("passed over a frame", reason=str(error))
            return
        self._on_message(message)
