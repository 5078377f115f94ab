"""`podium up --in-docker`, and the `podium down` of what it started."""

import os
import shutil
import signal
import time
from collections.abc import Iterator

import typer

from podium import __version__
from podium.cli import welcome
from podium.cli.frames import frames
from podium.launch.errors import Trouble
from podium.launch.in_docker import boxed, container, told
from podium.launch.in_docker.box import Box
from podium.launch.paths import DataDir
from podium.launch.settings import Settings
from podium.launch.signals import Signals

IMAGE = f"podium/podium:{__version__}"
ROUND_SECONDS = 1.0
STDERR = 2


def up(
    settings: Settings, inner: list[str], secrets: dict[str, str], detach: bool, *, image: str, docker_socket: str
) -> None:
    """As `podium up`: Ctrl-C ends the tasks too, SIGTERM leaves them running."""
    signals = None if detach else Signals(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    began = time.monotonic()
    try:
        variables = told.variables(os.environ) | secrets
        box = boxed.start(settings, inner, variables, image=image or IMAGE, docker_socket=docker_socket)
    except Trouble:
        if settings.ephemeral:
            shutil.rmtree(settings.data_dir, ignore_errors=True)
        raise
    welcome.say(settings, box.url, time.monotonic() - began, detach, volume=box.name)
    if signals is not None:
        _stay(settings.paths, box, signals)


def _stay(paths: DataDir, box: Box, signals: Signals) -> None:
    while True:
        arrived = signals.wait(ROUND_SECONDS)
        if signal.SIGINT in arrived:
            typer.echo("\nStopping tasks and ending Podium; Ctrl-C again leaves the tasks running.")
            signal.signal(signal.SIGINT, signal.default_int_handler)
            return _end_all(paths, box)
        if arrived & {signal.SIGTERM, signal.SIGHUP}:
            return boxed.leave(paths, box)
        state = container.state(box)
        if state is None:
            return typer.echo("Podium was ended by `podium down`.")
        if not state.running:
            raise Trouble(f"Podium's container ended with {state.exit_code}. `docker logs {box.name}` may say why.")


def _end_all(paths: DataDir, box: Box) -> None:
    try:
        end(paths, box, leave_tasks=False)
    except KeyboardInterrupt:
        boxed.leave(paths, box)


def end(paths: DataDir, box: Box, *, leave_tasks: bool) -> int:
    """What `podium down` of the container says, as it says it; its exit code."""
    code = boxed.down(paths, box, leave_tasks=leave_tasks, hear=_echo)
    if code == 0 and box.ephemeral:
        shutil.rmtree(paths.root, ignore_errors=True)
    return code


def _echo(pieces: Iterator[bytes]) -> None:
    for stream, payload in frames(pieces):
        typer.echo(payload, nl=False, err=stream == STDERR)
