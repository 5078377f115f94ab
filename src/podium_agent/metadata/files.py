"""Containers' metadata files on disk: written whole or not at all, and removed."""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from podium_agent.engine.instructions import Describe, MetadataFile
from podium_agent.engine.metadata_files import NAME
from podium_agent.metadata.networks import networks

METADATA = "metadata"
"""The folder of all of them, in the data dir."""

_READABLE, _ENTERABLE = 0o644, 0o755
_VERSION = 3
"""Of the task metadata whose words for networks the file shares."""


def make(file: MetadataFile) -> None:
    """With the folder, which is mounted: the container may run as any user. Raises OSError."""
    Path(file.folder).mkdir(parents=True, exist_ok=True)
    Path(file.folder).chmod(_ENTERABLE)
    _write(file.folder, file.document)


def complete(asked: Describe, inspected: dict[str, Any]) -> None:
    """With what Docker tells. A container that was made without a file has no folder, and gets none.

    Raises OSError.
    """
    if not Path(asked.file.folder).is_dir():
        return
    told = {"ImageID": inspected.get("Image"), "Networks": networks(asked.task, inspected, _VERSION)}
    _write(asked.file.folder, {**asked.file.document, **{name: value for name, value in told.items() if value}})


def remove(folder: str) -> None:
    """Best effort: sweeping removes what is left."""
    shutil.rmtree(folder, ignore_errors=True)


def _write(folder: str, document: dict[str, Any]) -> None:
    descriptor, path = tempfile.mkstemp(prefix=f".{NAME}.", dir=folder)
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(document, file, indent=4)
            file.flush()
            os.fsync(descriptor)
        os.chmod(path, _READABLE)
        os.replace(path, Path(folder, NAME))
    except BaseException:
        Path(path).unlink(missing_ok=True)
        raise
