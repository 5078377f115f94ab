"""podium reset"""

import typer

from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, data_dir
from podium.launch import running


def reset(data_dir_: DataDirOption = DEFAULT_DATA_DIR) -> None:
    """Empty a running Podium that was started with `--allow-reset`: every record, and every container of its tasks.

    Returns when the API is empty. Containers end in the background; whatever would start new ones waits for that.
    """
    paths = data_dir(data_dir_)
    told = running.client(paths, running.need(paths)).podium("reset", {})
    left = told["stopping"]
    typer.echo("Podium is empty." + (f" Tasks still ending: {left}." if left else ""))
