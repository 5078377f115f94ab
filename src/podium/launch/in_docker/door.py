"""The outer end of the door: `python -m podium.launch.in_docker.door HOST CONTAINER LOCK DESCRIPTOR`.

It listens on the open DESCRIPTOR and carries each connection to the Podium in the container, all of them over one
`docker exec`. It ends with the container, or by SIGTERM.
"""

import asyncio
import json
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from podium.launch import logs
from podium.launch.engine import Engine, EngineRefused, EngineUnavailable
from podium.launch.in_docker.container import CONFLICT, NOT_FOUND
from podium.launch.in_docker.mux import Mux
from podium.launch.lock import Lock

_INNER = ("python3", "-P", "-m", "podium.launch.in_docker.inner")
_FRAME_HEADER_BYTES = 8
_SWITCHED = (b"101", b"200")
_RETRY_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0)
_PATIENCE_SECONDS = 10.0


class _Gone(Exception):
    """The container does not run, and so nothing will."""


class _Unframed:
    """The bytes of an exec's stdout, which the engine sends in frames. See podium.cli.frames."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._rest = b""

    async def readexactly(self, n: int, /) -> bytes:
        while len(self._rest) < n:
            header = await self._reader.readexactly(_FRAME_HEADER_BYTES)
            self._rest += await self._reader.readexactly(int.from_bytes(header[4:], "big"))
        wanted, self._rest = self._rest[:n], self._rest[n:]
        return wanted


class Door:
    def __init__(self, docker_host: str, container: str) -> None:
        self._host, self._container = docker_host, container
        self._mux: Mux | None = None
        self._open = asyncio.Event()

    async def stand(self, listening: socket.socket) -> None:
        """Until the container is gone."""
        server = await asyncio.start_server(self._enter, sock=listening)
        tries = 0
        async with server:
            while True:
                try:
                    reader, writer = await self._through()
                    tries = 0
                    await self._carry(reader, writer)
                except _Gone as gone:
                    logs.say("container-gone", reason=str(gone))
                    return
                except (EngineUnavailable, OSError, EOFError) as error:
                    logs.say("engine-not-reached", reason=str(error))
                await asyncio.sleep(_RETRY_SECONDS[min(tries, len(_RETRY_SECONDS) - 1)])
                tries += 1

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(TimeoutError, ConnectionError):
            await asyncio.wait_for(self._open.wait(), _PATIENCE_SECONDS)
            if self._mux is not None:
                await self._mux.open(reader, writer)
        writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._mux = Mux(_Unframed(reader), writer)
        self._open.set()
        try:
            await self._mux.run()
        finally:
            self._open.clear()
            self._mux = None
            writer.close()

    async def _through(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The two streams of a program in the container. Raises _Gone, or what an engine out of reach raises."""
        exec_id = await asyncio.to_thread(self._program)
        reader, writer = await _connected(self._host)
        told = json.dumps({"Detach": False, "Tty": False}).encode()
        head = (
            f"POST /exec/{exec_id}/start HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n"
            f"Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: {len(told)}\r\n\r\n"
        )
        writer.write(head.encode() + told)
        await writer.drain()
        answer = await reader.readuntil(b"\r\n\r\n")
        if answer.split(b" ")[1] not in _SWITCHED:
            raise ConnectionError(answer.split(b"\r\n")[0].decode())
        return reader, writer

    def _program(self) -> str:
        asked: dict[str, Any] = {"AttachStdin": True, "AttachStdout": True, "Cmd": list(_INNER)}
        try:
            made = Engine(self._host).ask("POST", f"/containers/{self._container}/exec", asked)
        except EngineRefused as refused:
            if refused.status in (NOT_FOUND, CONFLICT):
                raise _Gone(refused.reason) from refused
            raise
        return str(made["Id"])


async def _connected(host: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(host)
    if parts.scheme == "unix":
        return await asyncio.open_unix_connection(parts.path)
    return await asyncio.open_connection(parts.hostname, parts.port or 2375)


async def _until_told(door: Door, listening: socket.socket) -> None:
    standing = asyncio.ensure_future(door.stand(listening))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, standing.cancel)
    with suppress(asyncio.CancelledError):
        await standing


def main(docker_host: str, container: str, lock: str, descriptor: str) -> None:
    with Lock(Path(lock)), socket.socket(fileno=int(descriptor)) as listening:
        asyncio.run(_until_told(Door(docker_host, container), listening))


if __name__ == "__main__":
    main(*sys.argv[1:])
