"""podium interrupt"""

from typing import Annotated, Any

import typer

from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, data_dir
from podium.launch import running
from podium.launch.errors import Trouble

Tasks = Annotated[list[str] | None, typer.Argument(help="Ids or ARNs of tasks that run on FARGATE_SPOT.")]
Host = Annotated[str, typer.Option(metavar="INSTANCE", help="All on that host: the container instance's id or ARN.")]
Share = Annotated[int, typer.Option(min=0, max=100, metavar="PERCENT", help="So many of all that run, by chance.")]


def interrupt(
    tasks: Tasks = None,
    host: Host = "",
    share: Share = 0,
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Take Fargate Spot capacity back, as AWS does without asking.

    The tasks get the notice and SIGTERM at once, and SIGKILL after their stopTimeout, two minutes at most. Services
    start others.
    """
    asked: dict[str, Any] = {"tasks": list(tasks or ()), "containerInstance": host, "share": share}
    asked = {name: value for name, value in asked.items() if value}
    if len(asked) != 1:
        raise Trouble("Say which: tasks, --host INSTANCE, or --share PERCENT.")
    paths = data_dir(data_dir_)
    told = running.client(paths, running.need(paths)).podium("interrupt", asked)
    if not told["interrupted"]:
        raise Trouble("No task runs on FARGATE_SPOT there.")
    for arn in told["interrupted"]:
        typer.echo(arn)
