"""A command in a container, with a terminal or without, for one session."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from podium_agent.docker.client import Docker, DockerError, DockerGone
from podium_agent.sessions import ending
from podium_agent.sessions.leg import Leg
from podium_protocol import Malformed, decode, sessions

_HEADER_BYTES = 8
_STREAMS = {1: sessions.MAIN, 2: sessions.ERRORS}
_LOOK_SECONDS = 0.02
_LOOKS = 100
_RESIZE_TRIES = 10
_RESIZE_SECONDS = 0.1
_HANG_UP_SECONDS = 1.0


async def serve(
    docker: Docker, container: str, command: list[str], terminal: bool, size: tuple[int, int] | None, leg: Leg
) -> None:
    """Until the command ends, which is told; or until the session does, which ends the command.

    Raises DockerError when the command cannot be begun.
    """
    identity = await docker.create_exec(container, command, terminal=terminal, size=size)
    streams = await docker.start_exec(identity, terminal=terminal)
    if size is not None:
        await _resize(docker, identity, *size)  # engines before API 1.42 take no size with the command
    output = asyncio.create_task(_output(streams[0], terminal, leg))
    keys = asyncio.create_task(_input(docker, identity, streams[1], leg))
    try:
        await asyncio.wait({output, keys}, return_when=asyncio.FIRST_COMPLETED)
        if output.done():
            await leg.ends(await _exit_code(docker, identity))
        else:
            await _hang_up(docker, identity, container, output)
    except asyncio.CancelledError:
        ending.kill(await asyncio.shield(_pid(docker, identity)), container)
        raise
    finally:
        for way in (output, keys):
            way.cancel()
        await asyncio.gather(output, keys, return_exceptions=True)
        streams[1].close()


async def _output(reader: asyncio.StreamReader, terminal: bool, leg: Leg) -> None:
    with suppress(OSError, EOFError):
        if not terminal:
            await _framed_output(reader, leg)
            return
        while data := await reader.read(sessions.LARGEST_PIECE):
            await leg.shows(data)


async def _framed_output(reader: asyncio.StreamReader, leg: Leg) -> None:
    async for stream, data in frames(reader):
        for start in range(0, len(data), sessions.LARGEST_PIECE):
            await leg.shows(data[start : start + sessions.LARGEST_PIECE], _STREAMS.get(stream, sessions.MAIN))


async def frames(reader: asyncio.StreamReader) -> AsyncIterator[tuple[int, bytes]]:
    """Docker's frames: a stream's number, three zeros, the length, and so many bytes. One that is cut off ends it."""
    try:
        while True:
            header = await reader.readexactly(_HEADER_BYTES)
            left = int.from_bytes(header[4:], "big")
            while left:
                data = await reader.read(min(left, sessions.LARGEST_PIECE))
                if not data:
                    return
                left -= len(data)
                yield header[0], data
    except asyncio.IncompleteReadError:
        return


async def _input(docker: Docker, identity: str, writer: asyncio.StreamWriter, leg: Leg) -> None:
    """Until the session is over. What cannot be understood is passed over."""
    async for frame in leg.frames():
        with suppress(Malformed, OSError):
            if isinstance(frame, bytes):
                writer.write(sessions.read_piece(frame).data)
                await writer.drain()
                continue
            message = decode(frame)
            if message.type == sessions.RESIZED:
                await _resize(docker, identity, *sessions.size(message.body))
            elif message.type == sessions.INPUT_ENDED:
                writer.write_eof()


async def _resize(docker: Docker, identity: str, columns: int, rows: int) -> None:
    """A terminal that is only just there cannot be resized at once."""
    for _ in range(_RESIZE_TRIES):
        try:
            await docker.resize_exec(identity, columns, rows)
            return
        except (DockerError, DockerGone):
            await asyncio.sleep(_RESIZE_SECONDS)


async def _exit_code(docker: Docker, identity: str) -> int | None:
    """Docker knows of the end a moment after the last byte."""
    with suppress(DockerError, DockerGone):
        for _ in range(_LOOKS):
            found = await docker.inspect_exec(identity)
            if not found.get("Running"):
                code = found.get("ExitCode")
                return None if code is None else int(code)
            await asyncio.sleep(_LOOK_SECONDS)
    return None


async def _hang_up(docker: Docker, identity: str, container: str, output: "asyncio.Task[None]") -> None:
    """As when a terminal is closed; what does not end by that is killed. Docker itself has no way to."""
    pid = await _pid(docker, identity)
    ending.hang_up(pid, container)
    await asyncio.wait({output}, timeout=_HANG_UP_SECONDS)
    ending.kill(pid, container)


async def _pid(docker: Docker, identity: str) -> int:
    """0 when the command is over."""
    with suppress(DockerError, DockerGone):
        found = await docker.inspect_exec(identity)
        return int(found.get("Pid") or 0) if found.get("Running") else 0
    return 0
