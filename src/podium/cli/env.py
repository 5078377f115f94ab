"""podium env"""

import typer

from podium.cli import environment
from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, data_dir
from podium.launch import running


def env(data_dir_: DataDirOption = DEFAULT_DATA_DIR) -> None:
    """Print the shell lines that point AWS clients at this Podium: `eval "$(podium env)"`.

    The secret key is among them; mind where the output goes.
    """
    paths = data_dir(data_dir_)
    found = running.need(paths)
    for name, value in environment.variables(found, running.key(paths)).items():
        typer.echo(f"export {name}={quoted(value)}")
    typer.echo(f"unset {' '.join(environment.UNSET)}")
    version = environment.aws_version()
    if version and not environment.reads_endpoint_variable(version):
        typer.echo(
            f"# The aws on your path ({version}) ignores AWS_ENDPOINT_URL and would call the real AWS.", err=True
        )
        typer.echo("# Use `podium aws …` instead, or install aws CLI 1.29, 2.13 or newer.", err=True)


def quoted(value: str) -> str:
    """For every POSIX shell: always in single quotes."""
    return "'" + value.replace("'", "'\\''") + "'"
