"""The real dice, and seeded ones that repeat."""

import string
import uuid
from random import Random, SystemRandom

_URL_SAFE = string.ascii_letters + string.digits + "_-"


class Dice:
    """Draws ids and chance. Seeded, a whole run repeats; unseeded, ids cannot be guessed."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = SystemRandom() if seed is None else Random(seed)

    def hex32(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def digits19(self) -> str:
        return f"{self._random.randrange(10**19):019d}"

    def nano21(self) -> str:
        return "".join(self._random.choice(_URL_SAFE) for _ in range(21))

    def below(self, bound: int) -> int:
        return self._random.randrange(bound)
