"""podium doctor"""

import json
import os
from typing import Annotated

import typer

from podium.cli import checks
from podium.cli.checks import Level
from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, DockerHostOption, JsonOption, data_dir
from podium.launch import engine
from podium.launch.settings import DEFAULT_PORT


def doctor(
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port that Podium would listen on.")] = DEFAULT_PORT,
    docker_host: DockerHostOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what this user, Docker, kernel and port situation allow, what to do about the rest, and what works meanwhile.

    Ends with exit code 1 when Podium cannot start or no task could run.
    """
    host = docker_host or engine.default_host(os.environ)
    findings = checks.every(checks.Situation(paths=data_dir(data_dir_), port=port, docker_host=host))
    if as_json:
        typer.echo(json.dumps([finding.told() for finding in findings], indent=2))
    else:
        for finding in findings:
            typer.echo(str(finding))
    if any(finding.level is Level.FAIL for finding in findings):
        raise typer.Exit(1)
