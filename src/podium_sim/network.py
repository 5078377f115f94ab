"""The wire between agents and the control plane: late by chance, and sometimes not there at all."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from podium_sim.clock import Timeline


@dataclass
class Network:
    """`loss` is the share of calls whose request, and of those whose answer, never arrives."""

    time: Timeline
    random: Random
    loss: float = 0.0
    is_cut: bool = False
    slowest: float = 0.02

    def carry(self, what: Callable[[], None]) -> bool:
        """Deliver after a while. False when it was lost; the sender does not learn of it."""
        if self.is_cut or self.random.random() < self.loss:
            return False
        self.time.after(self.random.uniform(0.0005, self.slowest), what)
        return True
