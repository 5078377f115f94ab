"""podium port-forward"""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, data_dir
from podium.cli.sessions import ContainerOption, Place, TaskArgument, dialed, end, find
from podium.launch.errors import Trouble
from podium_protocol import sessions

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

LOOPBACK = "127.0.0.1"
Port = Annotated[
    str, typer.Argument(metavar="[LOCAL:]PORT", help="The container's port, and one of this machine's; 0 picks one.")
]


def port_forward(
    task: TaskArgument,
    port: Port,
    container: ContainerOption = "",
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Reach a port of a running container from this machine, whatever its network: `podium port-forward TASK 8080`.

    It listens on 127.0.0.1 until Ctrl-C. What listens on the container's own loopback is reached, too. The task must
    have been run with execute command enabled, and the caller needs ecs:ExecuteCommand.
    """
    local, remote = _ports(port)
    place = find(data_dir(data_dir_), task)
    asyncio.run(_forward(place, container, local, remote))


def _ports(given: str) -> tuple[int, int]:
    local, _, remote = given.rpartition(":")
    try:
        ports = int(local or remote), int(remote)
    except ValueError as error:
        raise Trouble(f"A port is a number, or two as in 9000:8080; not {given!r}.") from error
    if not (0 <= ports[0] < 1 << 16 and 0 < ports[1] < 1 << 16):
        raise Trouble(f"Ports go from 1 to 65535, not {given!r}.")
    return ports


async def _forward(place: Place, container: str, local: int, remote: int) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with dialed(place, {"container": container, "port": remote}) as socket:
                await _carry(socket, reader, writer)
        except Trouble as trouble:
            typer.echo(f"podium: {trouble}", err=True)
        finally:
            writer.close()

    try:
        server = await asyncio.start_server(accept, LOOPBACK, local)
    except OSError as error:
        raise Trouble(
            f"Port {local} of this machine cannot be used: {error.strerror}. Name another, as in 0:{remote} for any."
        ) from error
    listening = server.sockets[0].getsockname()[1]
    typer.echo(f"{LOOPBACK}:{listening} leads to port {remote} of task {place.task.rpartition('/')[2]}.")
    async with server:
        await server.serve_forever()


async def _carry(socket: "ClientConnection", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    sending = asyncio.create_task(_send(socket, reader))
    try:
        await _receive(socket, writer)
    finally:
        sending.cancel()


async def _send(socket: "ClientConnection", reader: asyncio.StreamReader) -> None:
    from websockets.exceptions import ConnectionClosed

    with suppress(ConnectionClosed, OSError):
        while data := await reader.read(sessions.LARGEST_PIECE):
            await socket.send(sessions.piece(data))
        await socket.send(sessions.input_ended())


async def _receive(socket: "ClientConnection", writer: asyncio.StreamWriter) -> None:
    from websockets.exceptions import ConnectionClosed

    with suppress(ConnectionClosed, OSError):
        while True:
            frame = await socket.recv()
            if isinstance(frame, bytes):
                writer.write(sessions.read_piece(frame).data)
                await writer.drain()
            elif (ended := end(frame)) is not None:
                if ended.reason:
                    raise Trouble(ended.reason)
                return
