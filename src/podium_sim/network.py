"""The wire between agents and the control plane: late by chance, and sometimes not there at all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from random import Random

from podium_sim.clock import Timeline


class Way(Enum):
    UP = auto()  # from a host to the control plane
    DOWN = auto()


@dataclass
class Network:
    """`loss` is the share of calls whose request, and of those whose answer, never arrives.

    `doubled` is the share of requests and messages that arrive twice, `overtaken` that of messages which
    arrive after later ones. `severed` are the ways, by the names of hosts, on which nothing goes through.
    """

    time: Timeline
    random: Random
    loss: float = 0.0
    doubled: float = 0.0
    overtaken: float = 0.0
    is_cut: bool = False
    slowest: float = 0.02
    severed: set[tuple[str, Way]] = field(default_factory=set)

    def carry(self, what: Callable[[], None], host: str = "", way: Way = Way.UP) -> bool:
        """Deliver after a while. False when it was lost; the sender does not learn of it."""
        if self.is_lost(host, way):
            return False
        for _ in range(self.copies()):
            self.time.after(self.random.uniform(0.0005, self.slowest), what)
        return True

    def is_lost(self, host: str, way: Way) -> bool:
        return self.is_cut or (host, way) in self.severed or self.random.random() < self.loss

    def is_whole(self, host: str) -> bool:
        """Whether a line to the host can stand at all."""
        return not self.is_cut and not self.severed & {(host, Way.UP), (host, Way.DOWN)}

    def copies(self) -> int:
        return 2 if self.doubled and self.random.random() < self.doubled else 1

    def delay(self) -> float:
        """How long a message on an open channel takes; one that is overtaken is much later than the next."""
        late = self.overtaken and self.random.random() < self.overtaken
        return self.random.uniform(0.01, 2.0) if late else 0.001

    def heal(self) -> None:
        self.loss = self.doubled = self.overtaken = 0.0
        self.slowest = 0.02
        self.is_cut = False
        self.severed.clear()
