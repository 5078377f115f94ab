"""Whether a caller is the task it asks for: told by the address that its request came from.

A task on Docker's bridge has its containers' addresses there, one with a network interface of its own has that one's.
A task on the host's network shares the host's addresses with every other such task and with the host itself, so that
there only the id in the path tells them apart.
"""

import asyncio
import socket
from typing import Any

from podium_agent.docker.client import Docker, DockerError, DockerGone
from podium_agent.engine.records import Container, Task

_ANY_PORT = 9


def is_this_host(address: str) -> bool:
    """Whether the address is one of the host's own: the host would reach it from that very address."""
    if address.startswith("127."):
        return True
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, _ANY_PORT))  # sends nothing
        except OSError:
            return False
        return bool(probe.getsockname()[0] == address)


def addresses_of(task: Task) -> set[str]:
    """The addresses of the network interfaces that are the task's own."""
    interfaces = task.payload.get("elasticNetworkInterfaces") or ()
    return {a.get("privateAddress", "") for i in interfaces for a in i.get("ipv4Addresses") or ()} - {""}


class Callers:
    """Docker is asked each time: an address that a container had may be another's by now."""

    def __init__(self, docker: Docker) -> None:
        self._docker = docker

    async def is_task(self, caller: str, task: Task) -> bool:
        """Whether a request from `caller` comes from a container of `task`."""
        if task.network_mode == "host":
            return is_this_host(caller)
        if task.network_mode == "bridge":
            found = await asyncio.gather(*(self._on_the_bridge(c) for c in task.containers))
            return any(caller in addresses for addresses in found)
        return caller in addresses_of(task)

    async def _on_the_bridge(self, container: Container) -> set[str]:
        if container.docker_id is None:
            return set()
        try:
            document = await self._docker.inspect(container.docker_id)
        except (DockerError, DockerGone):
            return set()
        return container_addresses(document or {})


def container_addresses(document: dict[str, Any]) -> set[str]:
    """The addresses of a running container in Docker's networks; one that has ended has none."""
    networks = (document.get("NetworkSettings") or {}).get("Networks") or {}
    told = (n.get(name) for n in networks.values() for name in ("IPAddress", "GlobalIPv6Address"))
    return {address for address in told if address}
