"""Where containers can reach the metadata endpoint, the same before and after a restart."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

from podium_agent.docker.client import Docker, DockerError, DockerGone
from podium_agent.log import Log
from podium_agent.metadata.server import MetadataServer

_LOOPBACK = "127.0.0.1"


async def listen(server: MetadataServer, docker: Docker, data_dir: Path, log: Log) -> tuple[str, str]:
    """The URLs for containers on Docker's bridge and for those on the host's network.

    The port is kept in the data dir, since running containers hold the URL. Where the bridge
    cannot be listened on (Docker in a virtual machine), containers on it have no metadata.
    """
    kept = data_dir / "metadata-port"
    wanted = int(kept.read_text()) if kept.exists() else 0
    bridge = await gateway(docker)
    port = await _listen_on(server, bridge, wanted, log)
    if port == 0:
        bridge, port = _LOOPBACK, await _listen_on(server, _LOOPBACK, wanted, log)
    elif bridge != _LOOPBACK:
        await _listen_on(server, _LOOPBACK, port, log)
    kept.write_text(str(port))
    return f"http://{bridge}:{port}", f"http://{_LOOPBACK}:{port}"


async def _listen_on(server: MetadataServer, address: str, port: int, log: Log) -> int:
    """The port it got, another than `port` when that is taken; 0 when the address is not ours."""
    for candidate in (port, 0):
        try:
            return await server.listen(address, candidate)
        except OSError as error:
            log("cannot serve task metadata here", address=address, port=candidate, reason=str(error))
    return 0


async def gateway(docker: Docker) -> str:
    """The host's address on Docker's bridge. Docker leaves it out when it chose the subnet itself."""
    try:
        bridge = await docker.bridge()
    except (DockerError, DockerGone):
        return _LOOPBACK
    return _address(((bridge.get("IPAM") or {}).get("Config") or [{}])[0])


def _address(config: dict[str, Any]) -> str:
    if config.get("Gateway"):
        return str(config["Gateway"])
    if config.get("Subnet"):
        return str(next(ip_network(config["Subnet"]).hosts()))
    return _LOOPBACK
