"""podium backup"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from podium.cli import archive
from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, data_dir
from podium.launch.in_docker import box

INSTEAD = (
    "While it runs: `docker exec {name} podium backup /tmp/backup.tar.gz`, then "
    "`docker cp {name}:/tmp/backup.tar.gz FILE`."
)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, such as podium-backup.tar.gz.")],
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Write all records and keys to one file, while Podium runs or not.

    The file holds the secret keys and is readable by you alone. `podium restore` reads it.
    """
    paths = data_dir(data_dir_)
    box.refuse(paths, INSTEAD)
    archive.write(paths, file, datetime.now(UTC))
    typer.echo(f"{file} ({file.stat().st_size // 1024 + 1} KiB): records and secret keys; keep it safe.")
