"""podium restore"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from podium.cli import archive
from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, data_dir, hint
from podium.launch.errors import Trouble
from podium.launch.in_docker import box
from podium.launch.lock import is_held
from podium.launch.paths import DataDir

INSTEAD = (
    "After `podium down`: "
    "`docker run --rm --pid host -v {name}:/var/lib/podium -v FOLDER:/backup {image} restore /backup/FILE`."
)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `podium backup` wrote.")],
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
    force: Annotated[bool, typer.Option("--force", help="Replace the records of a data dir that has some.")] = False,
) -> None:
    """Put the records and keys of a backup into a data dir.

    Tasks that run on this machine and are newer than the backup are neither stopped nor forgotten: Podium lists them.
    """
    paths = data_dir(data_dir_)
    if is_held(paths.supervisor_lock) or is_held(paths.server_lock):
        raise Trouble(f"Podium is running on {paths.root}. End it first: {hint(paths, 'down --leave-tasks')}")
    box.refuse(paths, INSTEAD)
    members = archive.read(file)
    if _has_records(paths) and not force:
        raise Trouble(
            f"{paths.root} already has records or keys. Restore into another folder with --data-dir, "
            "or replace them with --force (the old ones are kept beside the new)."
        )
    kept = archive.put_back(paths, members, datetime.now(UTC))
    if kept:
        typer.echo(f"The records of before are in {kept}")
    typer.echo(f"{paths.root} has the records and keys of {file}. Start it: {hint(paths, 'up --detach')}")


def _has_records(paths: DataDir) -> bool:
    return paths.database.exists() or paths.credentials.exists()
