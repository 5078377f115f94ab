"""Waiting for a condition of a real process, never for a while."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], what: str, seconds: float = 15.0, every: float = 0.01) -> T:
    """What `condition` says once it is true. `what` names it when it never comes true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(every)
    return found
