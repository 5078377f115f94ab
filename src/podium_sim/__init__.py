"""Podium in simulated time: the real operations, controllers and agent engine; the rest pretends.

A `World` is made from a seed and repeats exactly. Its clock jumps from one event to the next;
its disk, network and Docker behave, and misbehave, as told. After every step the checkers look.
"""

from podium_sim.world import World

__all__ = ["World"]
