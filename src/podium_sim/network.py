"""The wire between agents and the control plane: late by chance, and sometimes not there at all."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from podium_sim.clock import Timeline


@dataclass
class Network:
    """`loss` is the share of calls whose request, and of those whose answer, never arrives.

    `doubled` is the share of requests and messages that arrive twice, `overtaken` that of messages which
    arrive after later ones.
    """

    time: Timeline
    random: Random
    loss: float = 0.0
    doubled: float = 0.0
    overtaken: float = 0.0
    is_cut: bool = False
    slowest: float = 0.02

    def carry(self, what: Callable[[], None]) -> bool:
        """Deliver after a while. False when it was lost; the sender does not learn of it."""
        if self.is_cut or self.random.random() < self.loss:
            return False
        for _ in range(self.copies()):
            self.time.after(self.random.uniform(0.0005, self.slowest), what)
        return True

    def copies(self) -> int:
        return 2 if self.doubled and self.random.random() < self.doubled else 1

    def delay(self) -> float:
        """How long a message on an open channel takes; one that is overtaken is much later than the next."""
        late = self.overtaken and self.random.random() < self.overtaken
        return self.random.uniform(0.01, 2.0) if late else 0.001

    def heal(self) -> None:
        self.loss = self.doubled = self.overtaken = 0.0
        self.is_cut = False
