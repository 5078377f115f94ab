"""A connection to a port in a container's network, for one session."""

import asyncio
import ctypes
import os
import socket
import threading
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from podium_agent.docker.client import Docker
from podium_agent.sessions.leg import Leg
from podium_protocol import Malformed, decode, sessions

_CONNECT_SECONDS = 5.0
_NETWORK = 0x40000000  # CLONE_NEWNET
_LOOPBACK = ("127.0.0.1", "::1")


async def serve(docker: Docker, container: str, port: int, leg: Leg, is_docker_s_host: bool) -> None:
    """Until either side closes. Raises DockerError."""
    shown = await docker.inspect(container) or {}
    try:
        made = await (_inside(shown, port) if is_docker_s_host else _from_outside(shown, port))
    except OSError as error:
        await leg.ends(None, f"Nothing answers on port {port} in the container: {error.strerror or error}.")
        return
    reader, writer = await asyncio.open_connection(sock=made)
    ways = {asyncio.create_task(_in(leg, writer)), asyncio.create_task(_out(reader, leg))}
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        await leg.ends(0)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        writer.close()


async def _in(leg: Leg, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, Malformed):
        async for frame in leg.frames():
            if isinstance(frame, bytes):
                writer.write(sessions.read_piece(frame).data)
                await writer.drain()
            elif decode(frame).type == sessions.INPUT_ENDED:
                writer.write_eof()


async def _out(reader: asyncio.StreamReader, leg: Leg) -> None:
    with suppress(OSError):
        while data := await reader.read(sessions.LARGEST_PIECE):
            await leg.shows(data)


async def _inside(shown: dict[str, Any], port: int) -> socket.socket:
    """A connection made within the container's network, whatever kind that is: what listens on loopback is reached."""
    pid = int((shown.get("State") or {}).get("Pid") or 0)
    if not pid:
        raise ConnectionRefusedError("the container does not run")
    made: Future[socket.socket] = Future()
    threading.Thread(target=_dial_within, args=(pid, port, made), daemon=True).start()
    return await asyncio.wrap_future(made)


def _dial_within(pid: int, port: int, made: "Future[socket.socket]") -> None:
    """In a thread of its own, which ends in the network that it went to. A socket stays in the one it was made in."""
    try:
        _enter(pid)
        made.set_result(_dialed(_LOOPBACK, port))
    except OSError as error:
        made.set_exception(error)


def _enter(pid: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    namespace = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(namespace, _NETWORK):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(namespace)


async def _from_outside(shown: dict[str, Any], port: int) -> socket.socket:
    """Where the container's network cannot be entered, its address is tried, and this host's own for its network."""
    networks = ((shown.get("NetworkSettings") or {}).get("Networks") or {}).values()
    addresses = tuple(str(network["IPAddress"]) for network in networks if network.get("IPAddress"))
    return await asyncio.to_thread(_dialed, addresses or _LOOPBACK, port)


def _dialed(addresses: tuple[str, ...], port: int) -> socket.socket:
    """Raises the first address's error when none answers."""
    errors = []
    for address in addresses:
        try:
            made = socket.create_connection((address, port), timeout=_CONNECT_SECONDS)
            made.setblocking(False)
            return made
        except OSError as error:
            errors.append(error)
    raise errors[0]
