"""One session that is going on: what the visitor says goes to the agent, what the agent says to the visitor."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from podium.ecs.records import ExecSession
from podium.server.sessions.transcripts import Keeps
from podium.server.sessions.visitors import Visitor
from podium.server.sockets import Socket
from podium_protocol import Malformed, decode, sessions

DIAL_SECONDS = 15.0
FAREWELL_SECONDS = 10.0
NOT_THERE = "The container's host did not answer. Try again later."
LOST = "The connection to the container's host was lost."

CallAgent = Callable[[ExecSession, tuple[int, int] | None], bool]
"""Tells the agent to dial in for a session, with the terminal's columns and rows; False when there is no way to."""


@dataclass(frozen=True, kw_only=True)
class End:
    """`exit_code` is the command's own, where it came to its end. `reason` is for the user."""

    exit_code: int | None = None
    reason: str = ""


class Live:
    """A session and its two ends."""

    def __init__(self, session: ExecSession, visitor: Visitor, call_agent: CallAgent, keeps: Keeps) -> None:
        self.session, self.visitor = session, visitor
        self._call_agent, self._keeps = call_agent, keeps
        loop = asyncio.get_running_loop()
        self._agent: asyncio.Future[Socket] = loop.create_future()
        self._cut: asyncio.Future[End] = loop.create_future()
        self._over = asyncio.Event()

    def end(self, reason: str) -> None:
        """At once, whatever is going on."""
        if not self._cut.done():
            self._cut.set_result(End(reason=reason))

    async def attend_agent(self, socket: Socket) -> None:
        """Have the agent's socket until the session is over. Only the first one counts."""
        if self._agent.done():
            await socket.close(1000, "")
            return
        self._agent.set_result(socket)
        await self._over.wait()

    async def run(self) -> End:
        """From the beginning to the end of the session."""
        work = asyncio.create_task(self._work())
        try:
            await asyncio.wait({work, self._cut}, return_when=asyncio.FIRST_COMPLETED)
            end = self._cut.result() if self._cut.done() else work.result()
            await self._farewell(end)
            return end
        finally:
            work.cancel()
            self._over.set()
            await asyncio.gather(work, return_exceptions=True)

    async def _work(self) -> End:
        if not await self.visitor.ready():
            return End(reason=self.visitor.why_gone)
        if not self._call_agent(self.session, self.visitor.size):
            return End(reason=NOT_THERE)
        await asyncio.wait({self._agent}, timeout=DIAL_SECONDS)
        if not self._agent.done():
            return End(reason=NOT_THERE)
        agent = self._agent.result()
        ways = [asyncio.create_task(self._to_agent(agent)), asyncio.create_task(self._from_agent(agent))]
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            return next(way.result() for way in reversed(ways) if way in done)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _to_agent(self, agent: Socket) -> End:
        """Until the visitor is gone."""
        try:
            async for frame in self.visitor.frames():
                await (agent.send(frame) if isinstance(frame, str) else agent.send_bytes(frame))
        except Malformed as error:
            return End(reason=str(error))
        except OSError:
            return End(reason=LOST)
        return End(reason=self.visitor.why_gone)

    async def _from_agent(self, agent: Socket) -> End:
        """Until the agent says that it is over, or falls silent."""
        try:
            async for frame in agent.frames():
                if isinstance(frame, bytes):
                    piece = sessions.read_piece(frame)
                    self._keeps.piece(self.session, piece.data)
                    await self.visitor.show(piece)
                elif (end := _end(frame)) is not None:
                    return end
        except (Malformed, OSError):
            return End(reason=LOST)
        return End(reason=LOST)

    async def _farewell(self, end: End) -> None:
        """Either may be gone already."""
        if self._agent.done():
            with suppress(OSError):
                await self._agent.result().close(1000, "")
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self.visitor.end(end.exit_code, end.reason)


def _end(frame: str) -> End | None:
    message = decode(frame)
    if message.type != sessions.ENDED:
        return None
    code = message.body.get("exitCode")
    return End(exit_code=code if isinstance(code, int) else None, reason=str(message.body.get("reason") or ""))
