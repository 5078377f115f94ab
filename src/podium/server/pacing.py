"""What agents send by themselves waits for its turn, so that people's calls do not wait behind a thousand of them.

An event loop does everything that is ready before it looks again. When a thousand agents report or dial in at once,
that would be most of a second: so only a few of theirs are under way at any time, in the order in which they came.
"""

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext

from podium.wire.message import Request

REPORTS_AT_ONCE = 48  # enough to share commits
OPENINGS_AT_ONCE = 16
OF_AGENTS = (
    "DiscoverPollEndpoint",
    "RegisterContainerInstance",
    "SubmitAttachmentStateChanges",
    "SubmitContainerStateChange",
    "SubmitTaskStateChange",
)


class Turns:
    """For one event loop."""

    def __init__(self) -> None:
        self._reports = asyncio.Semaphore(REPORTS_AT_ONCE)
        self.opening = asyncio.Semaphore(OPENINGS_AT_ONCE)
        self._nobodys = nullcontext()

    def call(self, request: Request) -> AbstractAsyncContextManager[None]:
        """What to answer the request within. Nothing of it is proved yet, and nothing but its turn depends on it."""
        if request.headers.get("x-amz-target", "").endswith(OF_AGENTS):
            return self._reports
        return self._nobodys
