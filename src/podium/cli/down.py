"""podium down"""

import os
from pathlib import Path
from typing import Annotated

import typer

from podium.cli import in_docker, options
from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, DockerHostOption, data_dir
from podium.launch import engine, machine
from podium.launch.down import Ended
from podium.launch.down import down as end
from podium.launch.in_docker import box
from podium.launch.running import read_json
from podium.launch.settings import Settings

LeaveTasks = Annotated[
    bool, typer.Option("--leave-tasks", help="Leave the containers running; the next `podium up` takes them over.")
]


def down(
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
    leave_tasks: LeaveTasks = False,
    docker_host: DockerHostOption = None,
) -> None:
    """End Podium: stop its tasks, end its processes, remove its containers.

    Records stay: services start again with the next `podium up`. Returns when all is done, and also when nothing ran.
    """
    paths = data_dir(data_dir_)
    if known := box.read(paths):
        if in_docker.end(paths, known, leave_tasks=leave_tasks):
            raise typer.Exit(1)
        return
    ended = end(_settings(paths.root, docker_host), leave_tasks=leave_tasks, progress=typer.echo)
    for problem in ended.problems:
        typer.echo(problem, err=True)
    typer.echo(_in_words(ended, leave_tasks, paths.root))
    if ended.problems:
        raise typer.Exit(1)


def _settings(root: Path, docker_host: str | None) -> Settings:
    """Those it was started with, where they are still known."""
    own = Settings(
        data_dir=root,
        cpu=machine.cpu_units(),
        memory=machine.memory_mib(),
        docker_host=docker_host or engine.default_host(os.environ),
        programs=options.PROGRAMS,
    )
    known = read_json(own.paths.supervisor_file)
    return Settings.from_mapping(known["settings"]) if known and docker_host is None else own


def _in_words(ended: Ended, leave_tasks: bool, root: Path) -> str:
    left = f" Removed {_count(ended.swept, 'container')} that had been left." if ended.swept else ""
    if not ended.ran:
        return f"Podium was not running on {root}.{left}"
    if leave_tasks:
        return "Podium has ended; its containers run on until the next `podium up` or `podium down`."
    return f"Podium has ended; {_count(ended.stopped_tasks, 'task')} stopped."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
