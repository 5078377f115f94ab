"""Whether a place can be listened at, found out before Envoy is told: it would refuse more than the one that fails."""

import errno
import socket
from collections.abc import Collection
from dataclasses import dataclass

from podium_proxy.places import Place

_HIGH = 8000
_FIRST_UNPRIVILEGED = 1024


@dataclass(frozen=True, kw_only=True)
class Opening:
    """`port` is where Envoy listens for a place, None nowhere; `trouble` says why that is not as it should be."""

    port: int | None
    trouble: str | None = None


class Doors:
    def __init__(self) -> None:
        self._open: dict[Place, Opening] = {}
        self._ours: set[tuple[str, int]] = set()

    def adopt(self, listening: Collection[tuple[str, int]]) -> None:
        """Hosts and ports where an Envoy listens that was found running: they are ours already."""
        self._ours = set(listening)

    def hold(self, wanted: Collection[Place]) -> dict[Place, Opening]:
        """An opening for each place. Those in trouble are tried again each time."""
        wanted = dict.fromkeys(wanted)
        taken = {(p.host, o.port or 0) for p, o in self._open.items() if p in wanted and o.port}
        openings: dict[Place, Opening] = {}
        for place in wanted:
            known = self._open.get(place)
            if known is None or known.port is None:
                known = self._opening(place, taken)
                taken.add((place.host, known.port or 0))
            openings[place] = known
        self._open = openings
        return openings

    def _opening(self, place: Place, taken: Collection[tuple[str, int]]) -> Opening:
        failed = self._probe(place.host, place.port)
        if failed is None:
            return Opening(port=place.port)
        if failed == errno.EACCES and place.port < _FIRST_UNPRIVILEGED:
            beside = place.port + _HIGH
            free = (place.host, beside) not in taken and self._probe(place.host, beside) is None
            port = beside if free else _any_port(place.host)
            return Opening(port=port, trouble=_low(place, port))
        return Opening(port=None, trouble=_sentence(place, failed))

    def _probe(self, host: str, port: int) -> int | None:
        if (host, port) in self._ours:
            self._ours.discard((host, port))
            return None
        return probe(host, port)


def probe(host: str, port: int) -> int | None:
    """The number of the error that listening there would meet."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
            tried.listen(1)
        except OSError as error:
            return error.errno or errno.EINVAL
    return None


def _any_port(host: str) -> int | None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        try:
            tried.bind((host, 0))
        except OSError:
            return None
        return int(tried.getsockname()[1])


def _low(place: Place, port: int | None) -> str:
    return (
        f"Port {place.port} is below 1024, and this user may not listen there"
        + (f": {place.host}:{port} is open in its place. " if port else ". ")
        + f"Run as root, or allow it: sysctl net.ipv4.ip_unprivileged_port_start={place.port}"
    )


def _sentence(place: Place, failed: int) -> str:
    where = f"{place.host}:{place.port}"
    if failed == errno.EADDRINUSE:
        name_it = f"ss -ltnp 'sport = {place.port}'"
        return f"Another program listens at {where}. End it ({name_it} says which) or use another port."
    if failed == errno.EADDRNOTAVAIL:
        return f"The address {place.host} is not on this machine. Putting it there needs root: run the proxy as root."
    return f"{where} cannot be listened at: {errno.errorcode.get(failed, failed)}."
