"""The Docker Engine API, bare: what Podium has to be measured against."""

import asyncio
import json
from typing import Any

import aiohttp

IMAGE = "podium/bench:1"
PROGRAM = ["sh", "-c", "trap 'exit 0' TERM; sleep 100000 & wait"]
LABEL = "podium.bench"
AT_ONCE = 8
MIB = 1024 * 1024


class Engine:
    """A client on the engine's socket. Bodies are what Podium's agent sends for the same container."""

    def __init__(self) -> None:
        self._http = aiohttp.ClientSession(
            base_url="http://docker", connector=aiohttp.UnixConnector("/var/run/docker.sock"), trust_env=False
        )

    async def __aenter__(self) -> "Engine":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def call(self, method: str, path: str, body: Any = None, timeout: float = 120) -> Any:
        limit = aiohttp.ClientTimeout(total=timeout)
        async with self._http.request(method, f"/v1.41{path}", json=body, timeout=limit) as answer:
            text = await answer.text()
            if answer.status >= 400 and not (method == "DELETE" and answer.status in (404, 409)):
                raise RuntimeError(f"{method} {path}: {answer.status} {text}")
            return json.loads(text) if text.strip() else None

    async def create_and_start(self, number: int) -> str:
        body = {
            "Image": IMAGE,
            "Cmd": PROGRAM,
            "Labels": {LABEL: "1"},
            "Env": ["AWS_EXECUTION_ENV=AWS_ECS_EC2"],
            "ExposedPorts": {"8080/tcp": {}},
            "HostConfig": {
                "NetworkMode": "bridge",
                "Memory": 64 * MIB,
                "CpuShares": 64,
                "PortBindings": {"8080/tcp": [{"HostIp": "0.0.0.0", "HostPort": str(20000 + number)}]},
            },
        }
        made = await self.call("POST", "/containers/create", body)
        await self.call("POST", f"/containers/{made['Id']}/start")
        return str(made["Id"])

    async def start_many(self, number: int) -> tuple[list[str], list[float]]:
        """Start `number` at once, eight in flight. Returns ids, and seconds until each was up, sorted."""
        turns, clock = asyncio.Semaphore(AT_ONCE), asyncio.get_running_loop().time
        began = clock()

        async def one(n: int) -> tuple[str, float]:
            async with turns:
                return await self.create_and_start(n), clock() - began

        done = await asyncio.gather(*(one(n) for n in range(number)))
        return [i for i, _ in done], sorted(t for _, t in done)

    async def settle(self, seconds: float = 1.0) -> None:
        """Until nothing runs from this image and the daemon has tidied up, so that no figure pays for the last one."""
        ours = '{"ancestor":["' + IMAGE + '"]}'
        while await self.call("GET", f"/containers/json?filters={ours}"):
            await asyncio.sleep(0.05)
        await asyncio.sleep(seconds)

    async def remove(self, ids: list[str]) -> None:
        await asyncio.gather(*(self.call("DELETE", f"/containers/{i}?force=true&v=true") for i in ids))

    async def kill(self, container: str) -> None:
        await self.call("POST", f"/containers/{container}/kill")
