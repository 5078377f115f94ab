"""podium exec"""

import asyncio
import os
import shlex
import signal
import sys
import termios
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli import terminals
from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, data_dir
from podium.cli.sessions import LOST, ContainerOption, End, Place, TaskArgument, dialed, end, find
from podium.launch.errors import Trouble
from podium_protocol import sessions

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

SHELL = "sh"


def exec(
    task: TaskArgument,
    command: Annotated[list[str] | None, typer.Argument(help="What to run, after `--`. Default: sh.")] = None,
    container: ContainerOption = "",
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Run a command in a running container, as root: `podium exec TASK -- sh`. Its exit status is this one's.

    With a terminal on both ends it is interactive; otherwise stdin, stdout and stderr are as they are given. The task
    must have been run with execute command enabled, and the caller needs ecs:ExecuteCommand.
    """
    place = find(data_dir(data_dir_), task)
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    asked: dict[str, object] = {
        "container": container,
        "command": shlex.join(command or [SHELL]),
        "terminal": interactive,
    }
    if interactive:
        asked["columns"], asked["rows"] = terminals.size(sys.stdin.fileno())
    with _raw() if interactive else nullcontext():
        ended = asyncio.run(_session(place, asked, interactive))
    if ended.exit_code is None:
        raise Trouble(ended.reason or "The session ended.")
    raise typer.Exit(ended.exit_code)


async def _session(place: Place, asked: dict[str, object], interactive: bool) -> End:
    async with dialed(place, asked) as socket:
        typing = asyncio.create_task(_type(socket, interactive))
        try:
            return await _show(socket)
        finally:
            typing.cancel()


async def _show(socket: "ClientConnection") -> End:
    from websockets.exceptions import ConnectionClosed

    try:
        while True:
            frame = await socket.recv()
            if isinstance(frame, str):
                if (ended := end(frame)) is not None:
                    return ended
                continue
            piece = sessions.read_piece(frame)
            stream = sys.stderr.buffer if piece.stream == sessions.ERRORS else sys.stdout.buffer
            stream.write(piece.data)
            stream.flush()
    except ConnectionClosed:
        return LOST


async def _type(socket: "ClientConnection", interactive: bool) -> None:
    from websockets.exceptions import ConnectionClosed

    loop = asyncio.get_running_loop()
    frames: asyncio.Queue[str | bytes] = asyncio.Queue(maxsize=16)
    if interactive:

        def resize() -> None:
            with suppress(asyncio.QueueFull):
                frames.put_nowait(sessions.resized(*terminals.size(sys.stdin.fileno())))

        loop.add_signal_handler(signal.SIGWINCH, resize)
    threading.Thread(target=_read, args=(loop, frames), daemon=True).start()
    with suppress(ConnectionClosed):
        while True:
            await socket.send(await frames.get())


def _read(loop: asyncio.AbstractEventLoop, frames: "asyncio.Queue[str | bytes]") -> None:
    """In a thread, since not every kind of stdin can be waited for; never further ahead than the queue is long."""
    while True:
        try:
            data = os.read(sys.stdin.fileno(), sessions.LARGEST_PIECE)
        except OSError:
            data = b""
        frame = sessions.piece(data) if data else sessions.input_ended()
        try:
            asyncio.run_coroutine_threadsafe(frames.put(frame), loop).result()
        except (RuntimeError, asyncio.CancelledError):
            return  # the session is over
        if not data:
            return


@contextmanager
def _raw() -> Iterator[None]:
    """Every key goes to the container, Ctrl-C among them; the terminal is as it was afterwards."""
    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    tty.setraw(fd)
    try:
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)
