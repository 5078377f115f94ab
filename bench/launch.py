"""How fast tasks come up, heal and roll: Podium, bare Docker calls and Docker Swarm, in turn on one engine."""

import asyncio
import os
from collections.abc import Coroutine
from typing import Any, TypeVar

from demo import image

from bench import bare, swarm
from bench.engine import IMAGE, Engine
from bench.plane import Podium, kill_from_thread
from bench.report import Line, publish

ROUNDS = 2 if os.environ.get("QUICK") else 7
MANY = 24
# How often in a round three are launched, one way and the other in turn: the figure that noise hides best.
PAIRS = 2 if os.environ.get("QUICK") else 3

T = TypeVar("T")
Figures = dict[str, list[float]]


async def main() -> None:
    image.load(IMAGE)
    ours: Figures = {}
    floor: Figures = {}
    peer: Figures = {}
    async with Engine() as engine:
        await bare.create_and_start(engine)  # warm
        podium = await asyncio.to_thread(Podium)
        try:
            for number in range(ROUNDS):
                print(f"round {number + 1} of {ROUNDS}: bare Docker, Podium", flush=True)
                for _ in range(PAIRS):
                    await _three(engine, podium, floor, ours)
                await _floor(engine, floor)
                await _ours(engine, podium, ours)
        finally:
            await asyncio.to_thread(podium.close)
        await swarm.begin(engine)
        try:
            for number in range(ROUNDS):
                print(f"round {number + 1} of {ROUNDS}: Swarm", flush=True)
                await _peer(engine, peer)
        finally:
            await swarm.end(engine)
    publish("launch", _lines(ours, floor, peer), {"rounds": ROUNDS, "floor": "bare Docker API", "peer": "Docker Swarm"})


def _add(figures: Figures, **values: float) -> None:
    for name, value in values.items():
        figures.setdefault(name, []).append(value)


async def _after_settling(engine: Engine, work: Coroutine[Any, Any, T]) -> T:
    await engine.settle()
    return await work


async def _three(engine: Engine, podium: Podium, floor: Figures, ours: Figures) -> None:
    bare_three = await _after_settling(engine, bare.launch(engine, 3))
    _add(floor, first=bare_three[0], three=bare_three[-1])
    name, three = await _after_settling(engine, asyncio.to_thread(podium.create, 3))
    _add(ours, first=three[0], three=three[-1])
    await asyncio.to_thread(podium.delete, name)


async def _floor(engine: Engine, figures: Figures) -> None:
    many = await _after_settling(engine, bare.launch(engine, MANY))
    _add(figures, many=many[-1])
    _add(figures, one=await _after_settling(engine, bare.create_and_start(engine)))
    _add(figures, roll=await _after_settling(engine, bare.roll(engine)))


async def _ours(engine: Engine, podium: Podium, figures: Figures) -> None:
    name, _ = await _after_settling(engine, asyncio.to_thread(podium.create, 3))
    await asyncio.sleep(1.0)
    _add(figures, heal=await kill_from_thread(engine, podium, name))
    await asyncio.to_thread(podium.delete, name)
    name, _ = await _after_settling(engine, asyncio.to_thread(podium.create, 2))
    await asyncio.sleep(1.0)
    took, fewest = await asyncio.to_thread(podium.roll, name, 2)
    _add(figures, roll=took, dip=2 - fewest)
    await asyncio.to_thread(podium.delete, name)
    name, many = await _after_settling(engine, asyncio.to_thread(podium.create, MANY))
    _add(figures, many=many[-1])
    await asyncio.to_thread(podium.delete, name)


async def _peer(engine: Engine, figures: Figures) -> None:
    service, three = await _after_settling(engine, swarm.create(engine, 3))
    _add(figures, first=three[0], three=three[-1], heal=await swarm.heal(engine, service))
    await swarm.remove(engine, service)
    service, _ = await _after_settling(engine, swarm.create(engine, 2))
    _add(figures, roll=await swarm.roll(engine, service, 2))
    await swarm.remove(engine, service)
    service, many = await _after_settling(engine, swarm.create(engine, MANY))
    _add(figures, many=many[-1])
    await swarm.remove(engine, service)


def _lines(ours: Figures, floor: Figures, peer: Figures) -> list[Line]:
    return [
        Line("create to first RUNNING", ours["first"], floor["first"], peer["first"]),
        Line("create to 3 RUNNING", ours["three"], floor["three"], peer["three"], goal=1.1),
        Line(f"create to {MANY} RUNNING", ours["many"], floor["many"], peer["many"], goal=round(1 / 0.9, 3)),
        Line("a killed container replaced", ours["heal"], floor["one"], peer["heal"], goal=1.15, allowance=0.05),
        Line("a rolling update of 2", ours["roll"], floor["roll"], peer["roll"], at_most=1.5),
        Line("tasks missing during that update", ours["dip"], at_most=0.0),
    ]


if __name__ == "__main__":
    asyncio.run(main())
