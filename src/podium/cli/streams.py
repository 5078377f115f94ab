"""Lines of several containers as one text: in the order of time, each behind the name of who wrote it."""

import heapq
from collections.abc import Iterable, Iterator
from itertools import cycle

COLOURS = ("\x1b[36m", "\x1b[33m", "\x1b[32m", "\x1b[35m", "\x1b[34m", "\x1b[96m", "\x1b[93m", "\x1b[92m")
PLAIN = "\x1b[0m"

Stamped = tuple[bytes, bytes]
"""When a line was written, as Docker stamps it, and the line."""


def stamped(lines: Iterable[bytes]) -> Iterator[Stamped]:
    """Lines as Docker gives them with `timestamps`: RFC 3339 in nanoseconds, a space, the line."""
    for line in lines:
        at, _, text = line.partition(b" ")
        yield at, text


def merged(sources: Iterable[tuple[str, Iterable[Stamped]]]) -> Iterator[tuple[str, Stamped]]:
    """All of them by time, with the name of the source; each source is in order by itself."""
    return heapq.merge(*(_named(name, lines) for name, lines in sources), key=lambda one: _comparable(one[1][0]))


def _named(name: str, lines: Iterable[Stamped]) -> Iterator[tuple[str, Stamped]]:
    return ((name, line) for line in lines)


def _comparable(at: bytes) -> bytes:
    """Docker leaves trailing zeros of the fraction out: padded, stamps compare as texts."""
    second, _, fraction = at.removesuffix(b"Z").partition(b".")
    return second + b"." + fraction.ljust(9, b"0")


class Prefixes:
    """What stands before each line. A name keeps its colour for as long as this lives; one that is empty has none."""

    def __init__(self, *, coloured: bool) -> None:
        self._coloured, self._colours = coloured, cycle(COLOURS)
        self._made: dict[str, bytes] = {}

    def of(self, name: str) -> bytes:
        if name not in self._made:
            self._made[name] = self._new(name).encode()
        return self._made[name]

    def _new(self, name: str) -> str:
        if not name:
            return ""
        return f"{next(self._colours)}{name} |{PLAIN} " if self._coloured else f"{name} | "
