"""The same containers without Podium: what Docker says of a task's own, asked of it again by bare calls.

An awsvpc task's peer is made as by hand: a pause container that makes its network namespace, the same `ip` commands
to wire it, and the container in its network.
"""

import asyncio
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from bench.engine import AT_ONCE, LABEL, Engine
from podium_agent.engine.interfaces import Interface
from podium_agent.network import links
from podium_program.shell import script

_PREFIX = links.owner_prefix("bench")
_FIRST_PORT = 20000
_numbers = count(1)
_OWN = ("Hostname", "Labels")


@dataclass(frozen=True)
class Twin:
    """Bodies for Docker: of the container, and of the pause container that has its network, if there is one."""

    body: dict[str, Any]
    pause: dict[str, Any] | None = None

    async def start(self, engine: Engine) -> list[str]:
        """Docker's ids of what was made."""
        number = next(_numbers)
        if self.pause is None:
            return [await _create_and_start(engine, _with_port(self.body, number))]
        pause = await _create_and_start(engine, self.pause)
        state = (await engine.call("GET", f"/containers/{pause}/json"))["State"]
        await _wire(int(state["Pid"]), number)
        host_config = {**self.body["HostConfig"], "NetworkMode": f"container:{pause}"}
        return [pause, await _create_and_start(engine, {**self.body, "HostConfig": host_config})]


async def of(engine: Engine, docker_id: str) -> Twin:
    """Of a container that Podium's agent made."""
    document = await engine.call("GET", f"/containers/{docker_id}/json")
    mode = document["HostConfig"]["NetworkMode"]
    twin = Twin(body=_body(document))
    if not mode.startswith("container:"):
        return twin
    return replace(twin, pause=_body(await engine.call("GET", f"/containers/{mode.partition(':')[2]}/json")))


async def launch(engine: Engine, twin: Twin, number: int) -> tuple[list[str], list[float]]:
    """`number` at once, eight of them under way. All ids, and seconds until each was up, sorted."""
    turns, clock = asyncio.Semaphore(AT_ONCE), asyncio.get_running_loop().time
    began = clock()

    async def one() -> tuple[list[str], float]:
        async with turns:
            return await twin.start(engine), clock() - began

    done = await asyncio.gather(*(one() for _ in range(number)))
    return [i for ids, _ in done for i in ids], sorted(took for _, took in done)


def _body(document: dict[str, Any]) -> dict[str, Any]:
    config = {name: value for name, value in document["Config"].items() if name not in _OWN and value is not None}
    return {**config, "Labels": {LABEL: "1"}, "HostConfig": document["HostConfig"]}


def _with_port(body: dict[str, Any], number: int) -> dict[str, Any]:
    bindings = body["HostConfig"].get("PortBindings") or {}
    if not bindings:
        return body
    other = {port: [{"HostIp": "", "HostPort": str(_FIRST_PORT + number)}] for port in bindings}
    return {**body, "HostConfig": {**body["HostConfig"], "PortBindings": other}}


async def _create_and_start(engine: Engine, body: dict[str, Any]) -> str:
    made = await engine.call("POST", "/containers/create", body)
    await engine.call("POST", f"/containers/{made['Id']}/start")
    return str(made["Id"])


async def _wire(pid: int, number: int) -> None:
    """Addresses are of the range that RFC 2544 sets aside for benchmarks."""
    ours = Path("/proc/self/ns/net").readlink()
    while Path(f"/proc/{pid}/ns/net").readlink() == ours:
        await asyncio.sleep(0.002)
    interface = Interface(
        id=f"eni-{number:017x}", mac=f"0a:58:00:00:{number >> 8:02x}:{number & 255:02x}",
        address=f"198.18.{1 + number // 250}.{2 + number % 250}", prefix=16, gateway="198.18.0.1",
    )  # fmt: skip
    await script(links.wiring(links.link_name(_PREFIX, interface.id), interface, pid, {}))
