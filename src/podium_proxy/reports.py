"""What the control plane is told: what Envoy has taken, whom it sends nothing any more, and where the doors are."""

from collections.abc import Callable, Iterable
from typing import Any

from podium_protocol.proxy import ADDRESSES, APPLIED, DRAINED, HEALTH, Door, TargetHealth, frame
from podium_proxy.ads.server import Reached
from podium_proxy.ads.snapshot import Name, Snapshot
from podium_proxy.arrivals import Arrivals
from podium_proxy.departures import Departures
from podium_proxy.documents import Documents
from podium_proxy.traffic import Traffic

Send = Callable[[str], None]

_HEARD, _TAKEN = -2, -1
"""In a generation's place, until there is one."""


class Reports:
    """Nothing is said of a generation before Envoy has it. `trouble` is what keeps Envoy from running."""

    def __init__(self, documents: Documents, snapshot: Snapshot, traffic: Traffic, send: Send) -> None:
        self._documents, self._snapshot, self._traffic, self._send = documents, snapshot, traffic, send
        self._revisions: list[tuple[int, int]] = []  # generations that hold revisions
        self._departures = Departures()
        self._arrivals = Arrivals()
        self._told_addresses: Any = None
        self._doors: list[Door] = []
        self._doors_changed = True
        self.trouble: str | None = None

    def opened(self, healths: list[TargetHealth]) -> None:
        """A link knows nothing of what an earlier one was told."""
        self._revisions.clear()
        self._departures.anew(self._snapshot.generation)
        self._told_addresses = None
        self._send(frame(HEALTH, {"targets": self._arrivals.anew(healths)}))

    def heard(self, revision: int) -> None:
        self._revisions.append((_HEARD, revision))

    def taken(self) -> None:
        """What was heard so far is being done now. What is heard while that goes on is not."""
        self._revisions = [(_TAKEN if g == _HEARD else g, revision) for g, revision in self._revisions]

    def found(self, health: TargetHealth) -> None:
        self._arrivals.found(health)

    def moved(self) -> None:
        """Doors may be others."""
        self._doors_changed = True

    def mark(self, changed: Iterable[str]) -> None:
        """From this generation on Envoy has what was taken, whoever was found healthy, and no target that leaves."""
        generation = self._snapshot.generation
        self._tell(self._arrivals.mark(generation) if self.trouble is None else self._arrivals.all())
        self._revisions = [(generation if g == _TAKEN else g, revision) for g, revision in self._revisions]
        for arn in changed:
            self._departures.mark(arn, self._documents.load_balancers.get(arn), generation)

    def settled(self, generation: int, refused: dict[Name, str]) -> None:
        """Envoy has taken that generation, all but what it refused."""
        reached = [revision for g, revision in self._revisions if 0 <= g <= generation]
        if reached:
            self._revisions = [(g, revision) for g, revision in self._revisions if not 0 <= g <= generation]
            self._send(frame(APPLIED, {"revision": max(reached), "refused": self._refusals(refused)}))
        self._tell(self._arrivals.reached(generation))
        drained = self._departures.reached(generation)
        if drained:
            self._send(frame(DRAINED, {"targets": drained}))

    def addresses(self, reached: Reached | None, resolver: str | None, trouble: str | None) -> None:
        """Not before Envoy has them, or is known to be in trouble."""
        behind = bool(self._documents.load_balancers) and (reached is None or self._snapshot.generation > reached[0])
        if behind and self.trouble is None:
            return
        if self._doors_changed:
            self._doors_changed, self._doors = False, self._traffic.doors()
        addresses = {"doors": self._doors, "resolver": resolver, "trouble": self.trouble or trouble}
        if addresses != self._told_addresses:
            self._told_addresses = addresses
            self._send(frame(ADDRESSES, addresses))

    def _tell(self, healths: list[TargetHealth]) -> None:
        if healths:
            self._send(frame(HEALTH, {"targets": healths}))

    def _refusals(self, refused: dict[Name, str]) -> dict[str, str]:
        found = dict(self._traffic.refused)
        for name, text in refused.items():
            for owner in self._snapshot.owners(name):
                if owner in self._documents.load_balancers:
                    found[owner] = f"{found[owner]} {text}" if owner in found else text
        return found
