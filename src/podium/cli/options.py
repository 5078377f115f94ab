"""Options that several commands share."""

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from podium.launch.paths import DataDir
from podium.launch.settings import Programs

# What is started; tests put stand-ins here.
PROGRAMS = Programs()
DEFAULT_DATA_DIR = Path("~/.podium")

DataDirOption = Annotated[
    Path,
    typer.Option(
        "--data-dir",
        envvar="PODIUM_DATA_DIR",
        help="Where this Podium keeps its records, keys and logs. Another folder is another Podium.",
    ),
]
DockerHostOption = Annotated[
    str | None,
    typer.Option(
        "--docker-host", help="Docker Engine's socket. Default: DOCKER_HOST, else unix:///var/run/docker.sock."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of tables.")]


def data_dir(given: Path) -> DataDir:
    return DataDir(root=Path(os.path.abspath(given.expanduser())))


def hint(paths: DataDir, command: str) -> str:
    """A `podium` command line for the reader to type, with --data-dir where it is needed."""
    usual = paths.root == data_dir(Path(os.environ.get("PODIUM_DATA_DIR") or DEFAULT_DATA_DIR)).root
    where = "" if usual else f" --data-dir {shlex.quote(str(paths.root))}"
    name, _, rest = command.partition(" ")
    return f"podium {name}{where}{' ' + rest if rest else ''}"
