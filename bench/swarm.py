"""The peer: Docker Swarm on the same engine, doing the same."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bench.engine import IMAGE, MIB, PROGRAM, Engine

NAME = "podium-bench"
BRIDGE = "docker_gwbridge"


async def begin(engine: Engine) -> None:
    await engine.call("POST", "/swarm/init", {"ListenAddr": "127.0.0.1:2377", "AdvertiseAddr": "127.0.0.1"})


async def end(engine: Engine) -> None:
    """With the network that Docker leaves behind."""
    await engine.call("POST", "/swarm/leave?force=true")
    await engine.call("DELETE", f"/networks/{BRIDGE}")


def _spec(replicas: int, version: str = "1") -> dict[str, Any]:
    return {
        "Name": NAME,
        "TaskTemplate": {
            "ContainerSpec": {"Image": IMAGE, "Command": PROGRAM, "Env": [f"VERSION={version}"]},
            "Resources": {"Limits": {"MemoryBytes": 64 * MIB}},
            "RestartPolicy": {"Condition": "any"},
        },
        "Mode": {"Replicated": {"Replicas": replicas}},
        "UpdateConfig": {"Parallelism": 0, "Order": "start-first", "Monitor": 1, "Delay": 0},
    }


async def create(engine: Engine, replicas: int) -> tuple[str, list[float]]:
    """The service's id, and seconds from the call until each task ran, sorted."""
    began = datetime.now().timestamp()
    service = str((await engine.call("POST", "/services/create", _spec(replicas)))["ID"])
    tasks = await _until(engine, service, lambda found: len(found) == replicas)
    return service, sorted(_since(task) - began for task in tasks)


async def heal(engine: Engine, service: str) -> float:
    """Seconds from a kill until the replacement runs."""
    tasks = await _running(engine, service)
    before = {task["ID"] for task in tasks}
    began = datetime.now().timestamp()
    await engine.kill(tasks[0]["Status"]["ContainerStatus"]["ContainerID"])
    found = await _until(engine, service, lambda now: any(t["ID"] not in before for t in now))
    return _since(next(t for t in found if t["ID"] not in before)) - began


async def roll(engine: Engine, service: str, replicas: int) -> float:
    """Seconds from the update until only new tasks run."""
    index = (await engine.call("GET", f"/services/{service}"))["Version"]["Index"]
    began = datetime.now().timestamp()
    await engine.call("POST", f"/services/{service}/update?version={index}", _spec(replicas, version="2"))

    def only_new(found: list[Any]) -> bool:
        return len(found) == replicas and all(t["Spec"]["ContainerSpec"]["Env"] == ["VERSION=2"] for t in found)

    await _until(engine, service, only_new)
    return datetime.now().timestamp() - began


async def remove(engine: Engine, service: str) -> None:
    await engine.call("DELETE", f"/services/{service}")
    ours = '{"label":["com.docker.swarm.service.name=' + NAME + '"]}'
    while await engine.call("GET", f"/containers/json?all=true&filters={ours}"):
        await asyncio.sleep(0.05)


async def _running(engine: Engine, service: str) -> list[Any]:
    """Tasks that run and are meant to, by Swarm's own word."""
    tasks = await engine.call("GET", '/tasks?filters={"service":["' + service + '"]}')
    return [t for t in tasks if t["Status"]["State"] == "running" and t["DesiredState"] == "running"]


async def _until(engine: Engine, service: str, enough: Callable[[list[Any]], bool]) -> list[Any]:
    async with asyncio.timeout(120):
        while not enough(found := await _running(engine, service)):
            await asyncio.sleep(0.01)
    return found


def _since(task: Any) -> float:
    return datetime.fromisoformat(task["Status"]["Timestamp"][:26].rstrip("Z") + "+00:00").timestamp()
