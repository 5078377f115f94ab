"""One program to a data dir."""

import fcntl
from pathlib import Path
from typing import IO


class Taken(Exception):
    """The sentence says what to do."""


def take(data_dir: Path, what: str) -> IO[str]:
    """Held as long as the file is open. `what` holds it: "agent". Raises Taken when another one does."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = (data_dir / "lock").open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held.close()
        raise Taken(f"Another {what} is using {data_dir}; give this one a --data-dir of its own.") from error
    return held
