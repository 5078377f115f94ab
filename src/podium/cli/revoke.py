"""podium revoke"""

from typing import Annotated

import typer

from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, data_dir
from podium.launch import running
from podium.launch.errors import Trouble


def revoke(
    instance: Annotated[str, typer.Argument(help="The container instance's id or ARN; `podium status` lists them.")],
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Take a container instance's credential away, at once: its channels close and none of its calls count.

    Its containers run on. An agent that is started there again joins as a new container instance, as long as it has
    the key for joining.
    """
    paths = data_dir(data_dir_)
    told = running.client(paths, running.need(paths)).podium("revoke", {"containerInstance": instance})
    if not told["revoked"]:
        raise Trouble(f"No container instance {instance} is registered. `podium status` lists them.")
    typer.echo(f"The credential of {told['revoked'][0]} no longer counts.")
