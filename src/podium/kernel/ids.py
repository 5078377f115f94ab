"""Identifiers, from a source that can be seeded."""

import string
import uuid
from random import Random, SystemRandom

_URL_SAFE = string.ascii_letters + string.digits + "_-"


class Ids:
    """Draws resource ids. Seed it and a whole run repeats; unseeded, ids cannot be guessed."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = SystemRandom() if seed is None else Random(seed)

    def hex32(self) -> str:
        """The id of a task or a container instance: 32 lower-case hexadecimal digits."""
        return f"{self._random.getrandbits(128):032x}"

    def uuid(self) -> str:
        """The id of a container, an event, an attachment or a request."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def digits19(self) -> str:
        """The number in a deployment id, `ecs-svc/<19 digits>`."""
        return f"{self._random.randrange(10**19):019d}"

    def nano21(self) -> str:
        """The id of a service deployment: 21 url-safe characters."""
        return "".join(self._random.choice(_URL_SAFE) for _ in range(21))

    def below(self, bound: int) -> int:
        """A whole number from 0 to `bound` - 1: chance, for ties that ECS breaks at random."""
        return self._random.randrange(bound)
