"""Waiting for a condition of a real process, never for a while."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], what: str, seconds: float = 60.0, every: float = 0.01) -> T:
    """What `condition` says once it is true. `what` names it when it never comes true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(every)
    return found


async def until_in_loop(condition: Callable[[], T], what: str, seconds: float = 60.0) -> T:
    """The same for a coroutine, while others of its loop work."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        await asyncio.sleep(0.001)
    return found
