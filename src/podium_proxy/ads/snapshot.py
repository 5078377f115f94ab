"""All resources there should be, by who asked for them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from podium_proxy.envoy.messages import Kind, Packet, pack

Name = tuple[Kind, str]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What Envoy is being brought to. `generation` rises with each change."""

    generation: int
    packets: Mapping[Kind, Mapping[str, Packet]]


class Snapshot:
    """An owner is a load balancer's ARN, or a name for what several share.

    Two owners may hold a resource of the same name, such as a certificate; it stays until neither does.
    """

    def __init__(self) -> None:
        self.generation = 0
        self._owned: dict[str, dict[Name, tuple[Any, Packet]]] = {}
        self._packets: dict[Kind, dict[str, Packet]] = {kind: {} for kind in Kind}
        self._holders: dict[Name, list[str]] = {}
        self._watchers: list[dict[Name, None]] = []

    def put(self, owner: str, resources: Mapping[Name, dict[str, Any]]) -> None:
        """Replaces all that `owner` had. What is the same is not made anew."""
        had = self._owned.get(owner, {})
        now: dict[Name, tuple[Any, Packet]] = {}
        for name, resource in resources.items():
            known = had.get(name)
            same = known is not None and known[0] == resource
            now[name] = known if known is not None and same else (resource, pack(name[0], resource))
        self._replace(owner, had, now)

    def put_one(self, owner: str, name: Name, resource: dict[str, Any]) -> None:
        now = {**self._owned.get(owner, {}), name: (resource, pack(name[0], resource))}
        self._replace(owner, self._owned.get(owner, {}), now)

    def put_packets(self, owner: str, packets: Mapping[Name, Packet]) -> None:
        now: dict[Name, tuple[Any, Packet]] = {name: (None, packet) for name, packet in packets.items()}
        self._replace(owner, self._owned.get(owner, {}), now)

    @contextmanager
    def watched(self) -> Iterator[dict[Name, None]]:
        """Fills up with the names of what becomes another, or goes. Whoever reads them strikes them out."""
        news: dict[Name, None] = {}
        self._watchers.append(news)
        try:
            yield news
        finally:
            self._watchers = [each for each in self._watchers if each is not news]

    def names(self) -> list[Name]:
        return [(kind, name) for kind, packets in self._packets.items() for name in packets]

    def owners(self, name: Name) -> list[str]:
        return self._holders.get(name, [])

    def goal(self) -> Goal:
        packets = {kind: dict(found) for kind, found in self._packets.items()}
        return Goal(generation=self.generation, packets=packets)

    def _replace(self, owner: str, had: Mapping[Name, tuple[Any, Packet]], now: dict[Name, tuple[Any, Packet]]) -> None:
        self.generation += 1
        for name in had.keys() - now.keys():
            self._let_go(owner, name)
        for name, (_, packet) in now.items():
            holders = self._holders.setdefault(name, [])
            if owner not in holders:
                holders.append(owner)
            before = self._packets[name[0]].get(name[1])
            self._packets[name[0]][name[1]] = packet
            if before is None or before.version != packet.version:
                self._announce(name)
        if now:
            self._owned[owner] = now
        else:
            self._owned.pop(owner, None)

    def _let_go(self, owner: str, name: Name) -> None:
        holders = self._holders[name]
        holders.remove(owner)
        if not holders:
            del self._holders[name], self._packets[name[0]][name[1]]
            self._announce(name)

    def _announce(self, name: Name) -> None:
        for news in self._watchers:
            news[name] = None
