"""Where the containers of this host find the task endpoint, the same before and after a restart of the agent.

At 169.254.170.2, as on AWS, when the agent is root and has what it takes. Else at an address and ports of its own,
where metadata and Podium's API are served, but not credentials: AWS's SDKs ask for those at 169.254.170.2 alone.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from podium_agent.docker.client import Docker, DockerError, DockerGone
from podium_agent.endpoint import plumbing, rules
from podium_agent.endpoint.doors import Asked, Serve, over_tcp
from podium_agent.endpoint.relay import Relay
from podium_agent.endpoint.shared import Own, SharedEndpoint
from podium_agent.net.server import Answer
from podium_program.log import Log

_LOOPBACK = "127.0.0.1"
_PORT_FILE, _API_PORT_FILE = "metadata-port", "api-port"
CAPABILITIES = (
    "com.amazonaws.ecs.capability.task-iam-role",
    "com.amazonaws.ecs.capability.task-iam-role-network-host",
)


@dataclass(frozen=True, kw_only=True)
class Urls:
    """Where containers reach metadata and Podium's API, on a bridge or with a network of their own, and on the host's
    network. `can` are the capabilities that follow from it.
    """

    metadata: str
    host_metadata: str
    api: str
    host_api: str
    can: tuple[str, ...] = ()


class Endpoint:
    """The endpoint as this agent serves it. It has to `leave` it when it ends."""

    def __init__(self, own: Own, docker: Docker, data_dir: Path, control_plane: str, log: Log) -> None:
        self._own, self._docker, self._data_dir, self._log = own, docker, data_dir, log
        self._control_plane = control_plane
        self._shared: SharedEndpoint | None = None
        self._servers: list[asyncio.Server] = []

    async def open(self) -> Urls:
        bridge = await self.bridge()
        lacking = plumbing.missing()
        if not lacking:
            shared = SharedEndpoint(self._own, _name(bridge), self._log)
            try:
                await shared.open()
            except (plumbing.NoEndpoint, OSError) as error:
                lacking = str(error)
                await shared.leave()
            else:
                self._shared = shared
        if lacking:
            why = f"tasks with a role are not placed here: {lacking}"
            self._log("cannot serve the task endpoint at 169.254.170.2", reason=why)
            return await self._open_apart(gateway(bridge))
        if (self._data_dir / _PORT_FILE).exists():
            await self._open_apart(gateway(bridge))  # containers of an earlier agent may have learned of it
        return self._urls(f"http://{rules.ADDRESS}", f"http://{rules.ADDRESS}:{rules.API_PORT}", can=CAPABILITIES)

    async def run(self) -> None:
        """Until it is cancelled."""
        if self._shared is not None:
            await self._shared.run()
        else:
            await asyncio.get_running_loop().create_future()

    async def leave(self) -> None:
        for server in self._servers:
            server.close()
        if self._shared is not None:
            await self._shared.leave()

    def _urls(self, metadata: str, api: str, host: str = "", host_api: str = "", can: tuple[str, ...] = ()) -> Urls:
        """What is on the host's network reaches a control plane without TLS as the agent does."""
        direct = self._control_plane if self._control_plane.startswith("http:") else ""
        return Urls(
            metadata=metadata, host_metadata=host or metadata, api=api, host_api=direct or host_api or api, can=can
        )

    async def _open_apart(self, gateway: str) -> Urls:
        """The ports are kept in the data dir, since running containers hold the URLs.

        Where the bridge cannot be listened on (Docker in a virtual machine), containers on it have no metadata.
        """
        relay = Relay(self._own.control_plane_of)
        metadata = await self._open_both(gateway, over_tcp(_alone(self._own)), self._data_dir / _PORT_FILE)
        api = await self._open_both(gateway, relay.serve, self._data_dir / _API_PORT_FILE)
        return self._urls(metadata[0], api[0], metadata[1], api[1])

    async def _open_both(self, gateway: str, serve: Serve, kept: Path) -> tuple[str, str]:
        wanted = int(kept.read_text()) if kept.exists() else 0
        port = await self._listen(serve, gateway, wanted)
        if port == 0:
            gateway, port = _LOOPBACK, await self._listen(serve, _LOOPBACK, wanted)
        elif gateway != _LOOPBACK:
            await self._listen(serve, _LOOPBACK, port)
        kept.write_text(str(port))
        return f"http://{gateway}:{port}", f"http://{_LOOPBACK}:{port}"

    async def _listen(self, serve: Serve, address: str, port: int) -> int:
        """The port it got, another than `port` when that is taken; 0 when the address is not ours."""
        for candidate in (port, 0):
            try:
                server = await asyncio.start_server(serve, address, candidate)
            except OSError as error:
                self._log("cannot serve tasks here", address=address, port=candidate, reason=str(error))
                continue
            self._servers.append(server)
            return int(server.sockets[0].getsockname()[1])
        return 0

    async def bridge(self) -> dict[str, Any]:
        """Docker's own network, as Docker describes it; empty when it does not answer."""
        try:
            return await self._docker.bridge()
        except (DockerError, DockerGone):
            return {}


def _alone(own: Own) -> Callable[[Asked], Awaitable[Answer]]:
    async def respond(asked: Asked) -> Answer:
        return await own.answer(asked) or own.refusal(asked)

    return respond


def _name(bridge: dict[str, Any]) -> str:
    """The interface of Docker's default bridge."""
    return str((bridge.get("Options") or {}).get("com.docker.network.bridge.name") or "docker0")


def gateway(bridge: dict[str, Any]) -> str:
    """The host's address on Docker's bridge. Docker leaves it out when it chose the subnet itself."""
    config = ((bridge.get("IPAM") or {}).get("Config") or [{}])[0]
    if config.get("Gateway"):
        return str(config["Gateway"])
    if config.get("Subnet"):
        return str(next(ip_network(config["Subnet"]).hosts()))
    return _LOOPBACK
