"""Whoever changes something waits for a turn, so that whoever only looks is never behind a crowd of them.

An event loop does everything that is ready before it looks again. When a thousand agents report or dial in at once,
that would be most of a second: so only a few of theirs are under way at any time, in the order in which they came.
And of all calls that write, a few get in between two looks of the loop.
"""

import asyncio
from collections import deque

from podium.server.services import SERVICES
from podium.wire.message import Request

REPORTS_AT_ONCE = 48  # enough to share commits
OPENINGS_AT_ONCE = 16
IN_A_PASS = 4
OF_AGENTS = (
    "DiscoverPollEndpoint",
    "RegisterContainerInstance",
    "SubmitAttachmentStateChanges",
    "SubmitContainerStateChange",
    "SubmitTaskStateChange",
)
CHANGING = {name for service in SERVICES.values() for name in service.operations if name not in service.reading}


class Turn:
    """To be within while something is answered: `gate` lets so many in, `passes` one after the other. Used once."""

    def __init__(self, gate: asyncio.Semaphore | None = None, passes: "Passes | None" = None) -> None:
        self._gate, self._passes = gate, passes

    async def __aenter__(self) -> None:
        if self._gate is not None:
            await self._gate.acquire()
        try:
            if self._passes is not None:
                await self._passes.mine()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *error: object) -> None:
        self._leave()

    def _leave(self) -> None:
        if self._gate is not None:
            self._gate.release()


class Turns:
    """For one event loop."""

    def __init__(self) -> None:
        self._reports = asyncio.Semaphore(REPORTS_AT_ONCE)
        self.opening = asyncio.Semaphore(OPENINGS_AT_ONCE)
        self._passes = Passes()

    def report(self) -> Turn:
        """What to take an agent's word within, however it came."""
        return Turn(self._reports, self._passes)

    def call(self, request: Request) -> Turn:
        """What to answer the request within. Nothing of it is proved yet, and nothing but its turn depends on it."""
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        if operation in OF_AGENTS:
            return self.report()
        return Turn(passes=self._passes if operation in CHANGING else None)


class Passes:
    """A few callers in each pass of the loop, in the order in which they came: between two the loop hears of others."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._taken = 0

    async def mine(self) -> None:
        """Returns when it is the caller's turn."""
        loop = asyncio.get_running_loop()
        if self._taken == 0:
            loop.call_soon(self._next, loop)
        if self._taken < IN_A_PASS:
            self._taken += 1
            return
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        self._taken = 0
        while self._waiting and self._taken < IN_A_PASS:
            turn = self._waiting.popleft()
            if not turn.done():  # its caller may have gone
                turn.set_result(None)
                self._taken += 1
        if self._taken:
            loop.call_soon(self._next, loop)
