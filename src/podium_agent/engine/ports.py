"""Host ports for containers on a bridge."""

from collections.abc import Callable, Collection, Iterable
from zlib import crc32

from podium_agent.engine.records import Binding
from podium_protocol import payload

PortIsFree = Callable[[int, str], bool]
"""Whether nobody on the host listens on a port of a protocol. May be wrong: Docker has the last word."""


class NoPort(Exception):
    """Every port of the range is in use."""


class Ports:
    """Chooses dynamic host ports in turn, from the one after the last chosen.

    Where it begins depends on `owner`, so that agents sharing a host seldom try the same ports.
    """

    def __init__(self, within: tuple[int, int], owner: str, is_free: PortIsFree) -> None:
        self._first, self._last = within
        self._next = self._first + crc32(owner.encode()) % (self._last - self._first + 1)
        self._is_free = is_free

    def bind(self, mappings: Iterable[payload.PortMapping], taken: Collection[tuple[int, str]]) -> tuple[Binding, ...]:
        """A binding for each mapping. Raises NoPort when a dynamic one finds none."""
        used = set(taken)
        bindings = []
        for mapping in mappings:
            binding = self._binding(mapping, used)
            used.add((binding.host_port, binding.protocol))
            bindings.append(binding)
        return tuple(bindings)

    def _binding(self, mapping: payload.PortMapping, used: Collection[tuple[int, str]]) -> Binding:
        protocol = mapping.get("protocol") or "tcp"
        wanted = mapping.get("hostPort") or 0
        host_port = wanted or self._choose(protocol, used)
        return Binding(
            container_port=mapping["containerPort"], host_port=host_port, protocol=protocol, dynamic=not wanted
        )

    def _choose(self, protocol: str, used: Collection[tuple[int, str]]) -> int:
        for _ in range(self._last - self._first + 1):
            port = self._next
            self._next = port + 1 if port < self._last else self._first
            if (port, protocol) not in used and self._is_free(port, protocol):
                return port
        raise NoPort("a host port is unavailable")
