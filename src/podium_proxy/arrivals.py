"""What was found of targets, until it may be told. A healthy one is not before Envoy sends to it."""

from collections.abc import Iterator

from podium_protocol.proxy import TargetHealth
from podium_proxy.health import Key


class Arrivals:
    """Whoever hears that a target is healthy may ask for it at once, or take away the one that it replaces."""

    def __init__(self) -> None:
        self._found: list[TargetHealth] = []
        self._waiting: dict[Key, tuple[int, TargetHealth]] = {}

    def found(self, health: TargetHealth) -> None:
        self._found.append(health)

    def anew(self, healths: list[TargetHealth]) -> list[TargetHealth]:
        """Those of all that may be told on a link that was told nothing."""
        self._found = [health for health in self._found if _is_healthy(health)]
        held = {_key(health) for health in self._found} | self._waiting.keys()
        return [health for health in healths if not (_is_healthy(health) and _key(health) in held)]

    def mark(self, generation: int) -> list[TargetHealth]:
        """From this generation on Envoy sends to those that were found healthy. The others, which may be told now."""
        found, self._found = self._found, []
        return list(self._mark(found, generation))

    def reached(self, generation: int) -> list[TargetHealth]:
        """Those that may be told now that Envoy has that generation."""
        due = [name for name, (g, _) in self._waiting.items() if g <= generation]
        return [self._waiting.pop(name)[1] for name in due]

    def all(self) -> list[TargetHealth]:
        """Whatever Envoy has: there is none."""
        waiting, self._waiting = [health for _, health in self._waiting.values()], {}
        found, self._found = self._found, []
        return waiting + found

    def _mark(self, found: list[TargetHealth], generation: int) -> Iterator[TargetHealth]:
        for health in found:
            self._waiting.pop(_key(health), None)
            if _is_healthy(health):
                self._waiting[_key(health)] = (generation, health)
            else:
                yield health


def _is_healthy(health: TargetHealth) -> bool:
    return health["state"] == "healthy"


def _key(health: TargetHealth) -> Key:
    return (health["target_group"], health["id"], health["port"], health["since"])
