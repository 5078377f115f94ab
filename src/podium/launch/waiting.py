"""Waiting for something to become true that tells nobody."""

import time
from collections.abc import Callable


def wait_until(true: Callable[[], object], seconds: float, every: float = 0.02) -> bool:
    """Whether it became true in time; asked at least once, and then `every` so many seconds."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() >= until:
            return False
        time.sleep(every)
    return True
