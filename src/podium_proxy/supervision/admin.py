"""Questions to Envoy's admin socket, one connection each."""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from podium_proxy.supervision.bootstrap import ADMIN

_LIMIT = 64 * 1024 * 1024


@contextmanager
def short_path(folder: Path, name: str) -> Iterator[str]:
    """A path to a socket in `folder` that fits into an address, however deep the folder is."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{name}"
    finally:
        os.close(descriptor)


async def ask(data_dir: Path, target: str, method: str = "GET", seconds: float = 10.0) -> bytes:
    """The body of the answer. Raises OSError, EOFError or TimeoutError."""
    async with asyncio.timeout(seconds):
        with short_path(data_dir, ADMIN) as path:
            reader, writer = await asyncio.open_unix_connection(path, limit=_LIMIT)
        try:
            writer.write(f"{method} {target} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            return await _chunks(reader) if b"transfer-encoding: chunked" in head else await reader.read()
        finally:
            writer.close()


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    found = []
    while size := int(await reader.readline(), 16):
        found.append(await reader.readexactly(size))
        await reader.readline()
    return b"".join(found)


async def is_live(data_dir: Path) -> bool:
    try:
        return b"LIVE" in await ask(data_dir, "/ready", seconds=2.0)
    except (OSError, EOFError, TimeoutError):
        return False


async def listening(data_dir: Path) -> set[tuple[str, int]]:
    """Hosts and ports of its listeners."""
    told = await _told(data_dir, "/listeners?format=json")
    addresses = [
        address
        for status in told.get("listener_statuses", [])
        for address in (status.get("local_address", {}), *status.get("additional_local_addresses", []))
    ]
    sockets = [address["socket_address"] for address in addresses if "socket_address" in address]
    return {(socket["address"], socket["port_value"]) for socket in sockets}


async def endpoints(data_dir: Path) -> set[tuple[str, str, int]]:
    """To whom it sends: clusters, addresses and ports."""
    told = await _told(data_dir, "/clusters?format=json")
    return {
        (cluster["name"], socket["address"], socket["port_value"])
        for cluster in told.get("cluster_statuses", [])
        for host in cluster.get("host_statuses", [])
        if (socket := host.get("address", {}).get("socket_address"))
    }


async def _told(data_dir: Path, target: str) -> dict[str, Any]:
    """Nothing when nobody answers."""
    try:
        found: dict[str, Any] = json.loads(await ask(data_dir, target))
    except (OSError, EOFError, TimeoutError, ValueError):
        return {}
    return found
