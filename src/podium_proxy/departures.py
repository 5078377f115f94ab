"""Targets that leave, until it was said of them that Envoy sends them nothing any more."""

from podium_protocol.proxy import LoadBalancer
from podium_proxy.health import Key, key


class Departures:
    """What is marked at a generation may be told once Envoy has that generation. Each is told once on a link."""

    def __init__(self) -> None:
        self._leaving: dict[str, list[Key]] = {}  # by load balancer
        self._told: set[Key] = set()
        self._due: list[tuple[int, list[Key]]] = []

    def mark(self, arn: str, balancer: LoadBalancer | None, generation: int) -> None:
        """The load balancer has changed. None: it is gone."""
        before, found = self._leaving.pop(arn, []), _draining(balancer) if balancer is not None else []
        self._told.difference_update(set(before) - set(found))
        if found:
            self._leaving[arn] = found
        self._mark(found, generation)

    def anew(self, generation: int) -> None:
        """Another link, which was told nothing."""
        self._told.clear()
        self._due.clear()
        self._mark([each for found in self._leaving.values() for each in found], generation)

    def reached(self, generation: int) -> list[Key]:
        """Those of whom it may be said now."""
        found = [each for g, keys in self._due if g <= generation for each in keys]
        self._due = [(g, keys) for g, keys in self._due if g > generation]
        return found

    def _mark(self, keys: list[Key], generation: int) -> None:
        fresh = [each for each in keys if each not in self._told]
        self._told.update(fresh)
        if fresh:
            self._due.append((generation, fresh))


def _draining(balancer: LoadBalancer) -> list[Key]:
    return [key(group, target) for group in balancer["target_groups"] for target in group["targets"]
            if target["draining"]]  # fmt: skip
