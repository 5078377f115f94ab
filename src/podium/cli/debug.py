"""podium debug bundle"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from podium.cli import bundle as bundles
from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, DockerHostOption, data_dir
from podium.launch import engine

app = typer.Typer(no_args_is_help=True, help="For when something is wrong with Podium itself.")


@app.callback()
def debug() -> None:
    """For when something is wrong with Podium itself."""


@app.command()
def bundle(
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
    file: Annotated[Path | None, typer.Option("--file", help="Where to write it. Default: in this folder.")] = None,
    docker_host: DockerHostOption = None,
) -> None:
    """Gather logs, status, checks, versions and settings in one file, with the secrets removed.

    Nothing is sent anywhere. Look into it before you hand it on: names of clusters, services and images are in it.
    """
    now = datetime.now(UTC)
    target = file or Path(f"podium-debug-{now:%Y%m%dT%H%M%SZ}.tar.gz")
    bundles.write(data_dir(data_dir_), docker_host or engine.default_host(os.environ), target, now)
    typer.echo(str(target))
