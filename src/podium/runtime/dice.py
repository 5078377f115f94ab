"""The real dice, and seeded ones that repeat."""

import os
import string
from random import Random, SystemRandom
from threading import local

_URL_SAFE = string.ascii_letters + string.digits + "_-"
_DRAWN_AT_ONCE = 4096  # bytes: asking the kernel for each id would take longer than all the rest of making it
_VERSION_4 = 0x4 << 76 | 0b10 << 62
_FREE_BITS = ~(0xF << 76 | 0b11 << 62)


class _System(SystemRandom):
    """The kernel's chance, drawn for many ids at a time, by each thread for itself: no two ever see the same bytes."""

    def __init__(self) -> None:
        super().__init__()
        self._own = local()

    def getrandbits(self, k: int) -> int:
        size = (k + 7) // 8
        drawn, used = getattr(self._own, "drawn", (b"", 0))
        if used + size > len(drawn):
            drawn, used = os.urandom(max(_DRAWN_AT_ONCE, size)), 0
        self._own.drawn = (drawn, used + size)
        return int.from_bytes(drawn[used : used + size], "big") >> (size * 8 - k)


class Dice:
    """Draws ids and chance. Seeded, a whole run repeats; unseeded, ids cannot be guessed."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = _System() if seed is None else Random(seed)

    def hex32(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def uuid(self) -> str:
        """Of version 4, with dashes."""
        text = f"{self._random.getrandbits(128) & _FREE_BITS | _VERSION_4:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def digits19(self) -> str:
        return f"{self._random.randrange(10**19):019d}"

    def nano21(self) -> str:
        return "".join(self._random.choice(_URL_SAFE) for _ in range(21))

    def below(self, bound: int) -> int:
        return self._random.randrange(bound)
