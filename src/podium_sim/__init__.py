"""Podium in simulated time: the real operations, controllers and agent engine; the rest pretends.

A `World` is made from a seed and repeats exactly. Its clock jumps from one event to the next;
its disk, network and Docker behave, and misbehave, as told. The checkers judge every commit.

A `week.Week` is made from a seed too: what users do (`acts`), what fate does (`faults`), what has to hold (`checks`,
`checkers`, `rest`), how far it went (`coverage`), and what happened, in words (`story`). See docs/soak.md.
"""

from podium_sim.world import World

__all__ = ["World"]
