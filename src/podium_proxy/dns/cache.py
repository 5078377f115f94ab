"""Others' answers, for as long as they said and as many as we like."""

from collections import OrderedDict
from collections.abc import Callable

from podium_proxy.dns import packets

MOST = 2000
LONGEST = 3600  # seconds, whatever the answer says
LARGEST = 4096  # bytes of an answer; with MOST it bounds what all of them take


class Cache:
    """The least recently used goes first. `now` is in seconds and never goes back."""

    def __init__(self, now: Callable[[], float], most: int = MOST) -> None:
        self._now, self._most = now, most
        self._kept: OrderedDict[bytes, tuple[float, float, bytes]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: bytes) -> bytes | None:
        """The answer with what is left of its times to live."""
        found = self._kept.get(key)
        if found is None:
            return None
        kept_at, until, packet = found
        if self._now() >= until:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return packets.aged(packet, int(self._now() - kept_at))

    def keep(self, key: bytes, packet: bytes) -> None:
        """Answers that are cut off, large, failed, or say no time to live are not kept."""
        said = packets.code(packet) in (packets.NOERROR, packets.NXDOMAIN)
        if not said or packets.is_cut(packet) or len(packet) > LARGEST:
            return
        try:
            ttl = packets.least_ttl(packet)
        except packets.Malformed:
            return
        if not ttl:
            return
        now = self._now()
        self._kept[key] = (now, now + min(ttl, LONGEST), packet)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
