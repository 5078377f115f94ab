"""Host ports for containers on a bridge."""

import re
from collections.abc import Callable, Collection, Iterable
from zlib import crc32

from podium_agent.engine.records import Binding
from podium_protocol import payload

_RANGE = re.compile(r"\d{1,5}-\d{1,5}", re.ASCII)
_HIGHEST = 65535

PortIsFree = Callable[[int, str], bool]
"""Whether nobody on the host listens on a port of a protocol. May be wrong: Docker has the last word."""


class NoPort(Exception):
    """The range of dynamic ports has no such free ports. The sentence is the official agent's."""


def is_port_range(text: str) -> bool:
    return _RANGE.fullmatch(text) is not None and 1 <= _span(text)[0] <= _span(text)[1] <= _HIGHEST


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
            used |= binding.taken
            bindings.append(binding)
        return tuple(bindings)

    def _binding(self, mapping: payload.PortMapping, used: Collection[tuple[int, str]]) -> Binding:
        """A range is answered by as many host ports in a row, whichever they are."""
        protocol = mapping.get("protocol") or "tcp"
        if text := mapping.get("containerPortRange"):
            first, last = _span(text)
            length = last - first + 1
            host_port = self._choose(length, protocol, used)
            if host_port is None:
                raise NoPort(f"{length} contiguous host ports are unavailable")
            return Binding(container_port=first, host_port=host_port, protocol=protocol, dynamic=True, length=length)
        wanted = mapping.get("hostPort") or 0
        host_port = wanted or self._choose(1, protocol, used)
        if host_port is None:
            raise NoPort("a host port is unavailable")
        return Binding(
            container_port=mapping["containerPort"], host_port=host_port, protocol=protocol, dynamic=not wanted
        )

    def _choose(self, length: int, protocol: str, used: Collection[tuple[int, str]]) -> int | None:
        """The first of `length` free ports in a row: after the last chosen, else from the beginning."""
        for begin, end in ((self._next, self._last), (self._first, min(self._next + length - 2, self._last))):
            run = 0
            for port in range(begin, end + 1):
                run = run + 1 if (port, protocol) not in used and self._is_free(port, protocol) else 0
                if run == length:
                    self._next = port + 1 if port < self._last else self._first
                    return port - length + 1
        return None


def _span(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first), int(last)
