"""How long to wait before trying again."""

import random
from collections.abc import Iterator


def delays(first: float, last: float, *, factor: float, jitter: float = 0.2) -> Iterator[float]:
    """Seconds before each next try: growing from `first` to `last`, each up to `jitter` longer by chance."""
    delay = first
    while True:
        yield delay * (1 + random.random() * jitter)
        delay = min(delay * factor, last)
