"""podium release"""

from typing import Annotated

import typer

from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, data_dir
from podium.launch import running
from podium.launch.errors import Trouble


def release(
    instance: Annotated[str, typer.Argument(help="The container instance's id or ARN; `podium status` lists them.")],
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Say that a container instance's machine is off, and runs nothing any more.

    Tasks that write to a shared volume or to a path of that machine are started elsewhere only then, and the addresses
    of its tasks are free again. Said of a machine that still runs, two tasks may write to one place.
    """
    paths = data_dir(data_dir_)
    told = running.client(paths, running.need(paths)).podium("release", {"containerInstance": instance})
    if not told["released"]:
        raise Trouble(f"No container instance {instance} is registered. `podium status` lists them.")
    typer.echo(f"{told['released'][0]} is released: {told['tasks']} more tasks count as stopped.")
