"""The agent's socket of one session."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from podium_protocol import sessions

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection


class Leg:
    """What is sent waits for room on the wire. A broken socket reads as its end, and swallows what is sent."""

    def __init__(self, socket: "ClientConnection") -> None:
        self._socket = socket

    async def frames(self) -> AsyncIterator[str | bytes]:
        """Until the other side has enough of the session."""
        from websockets.exceptions import ConnectionClosed

        try:
            while True:
                yield await self._socket.recv()
        except ConnectionClosed:
            return

    async def shows(self, data: bytes, stream: int = sessions.MAIN) -> None:
        await self._send(sessions.piece(data, stream))

    async def ends(self, exit_code: int | None, reason: str = "") -> None:
        await self._send(sessions.ended(exit_code, reason))

    async def _send(self, frame: str | bytes) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            await self._socket.send(frame)
        except ConnectionClosed:
            return
