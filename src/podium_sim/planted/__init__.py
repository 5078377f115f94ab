"""Bugs that are planted to see whether the checkers bite: each makes one function wrong, and is to be found."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from podium_sim.planted import deploying, keeping, living, placing, talking
from podium_sim.planted.planting import Planted, planted
from podium_sim.week import Week

BUGS: tuple[Planted, ...] = (*placing.BUGS, *deploying.BUGS, *living.BUGS, *talking.BUGS, *keeping.BUGS)
WITHIN = 200
"""Seeds within which each has to be found."""


@dataclass(frozen=True)
class Found:
    """The first seed that shows the bug, and what the checkers said."""

    seed: int
    sentence: str


def found(bug: Planted, within: int = WITHIN, days: int = 2) -> Found | None:
    """The first days of week after week with the bug in place, until a law is broken. Any other error is one of the
    bug's own making, and is raised.
    """
    for seed in range(within):
        said = ""
        with planted(bug), _no_misfit(bug):
            try:
                Week(seed, days).live()
            except AssertionError as error:
                said = str(error)
        if said and is_sound(seed, days):
            return Found(seed, said)
    return None


@cache
def is_sound(seed: int, days: int) -> bool:
    """Whether the week goes well when nothing is planted: what goes wrong anyway finds no planted bug."""
    try:
        Week(seed, days).live()
    except AssertionError:
        return False
    return True


@contextmanager
def _no_misfit(bug: Planted) -> Iterator[None]:
    """Raises TypeError when what was planted does not fit where it was planted, instead of being wrong there."""
    misfits: list[BaseException] = []

    def heard(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, TypeError):
            misfits.append(error)
        return False

    log = logging.getLogger("podium.core")
    log.addFilter(heard)
    try:
        yield
    finally:
        log.removeFilter(heard)
        if misfits:
            raise TypeError(f"{bug.says}: {misfits[0]}")


__all__ = ["BUGS", "WITHIN", "Found", "Planted", "found", "planted"]
