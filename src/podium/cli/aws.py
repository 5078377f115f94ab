"""podium aws"""

import os

import typer

from podium.cli import environment
from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, data_dir
from podium.launch import running
from podium.launch.commands import PYTHON


def aws(context: typer.Context, data_dir_: DataDirOption = DEFAULT_DATA_DIR) -> None:
    """The aws CLI, pointed at this Podium: `podium aws ecs list-clusters`.

    A current aws CLI of Podium's own; neither your profiles nor ~/.aws are read. Everything after `podium aws` goes to
    it as it is, except for a leading --data-dir.
    """
    paths = data_dir(data_dir_)
    found = running.need(paths)
    own = environment.variables(found, running.key(paths))
    command = [*PYTHON, "-m", "awscli", *context.args]
    os.execve(command[0], command, environment.isolated(os.environ, own))
