"""The floor: the same containers by bare calls of the Docker Engine API."""

import asyncio

from bench.engine import Engine


async def launch(engine: Engine, number: int) -> list[float]:
    ids, times = await engine.start_many(number)
    await engine.remove(ids)
    return times


async def create_and_start(engine: Engine) -> float:
    clock = asyncio.get_running_loop().time
    began = clock()
    container = await engine.create_and_start(0)
    took = clock() - began
    await engine.remove([container])
    return took


async def roll(engine: Engine) -> float:
    """Two new ones, then the two old ones stopped: what a roll cannot do without."""
    old, _ = await engine.start_many(2)
    clock = asyncio.get_running_loop().time
    began = clock()
    new = await asyncio.gather(*(engine.create_and_start(100 + n) for n in range(2)))
    await asyncio.gather(*(engine.call("POST", f"/containers/{i}/stop?t=10") for i in old))
    took = clock() - began
    await engine.remove([*old, *new])
    return took
