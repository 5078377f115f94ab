"""Log files that stay small, and what they said last."""

import os
import shutil
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

LARGEST_BYTES = 10 * 2**20


def open_log(path: Path) -> IO[bytes]:
    """Opened for appending, so that every process writing to it stays at its end, even after `rotate`."""
    rotate(path)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "ab", buffering=0)


def rotate(path: Path, largest_bytes: int = LARGEST_BYTES) -> None:
    """Keep the old lines in one `.1` file beside it, or let them go where the disk has no room for them.

    The writer keeps its descriptor and never notices.
    """
    if size(path) <= largest_bytes:
        return
    old = path.with_name(path.name + ".1")
    try:
        shutil.copyfile(path, old)
    except OSError:
        old.unlink(missing_ok=True)
    os.truncate(path, 0)


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def last_line(path: Path, since: int = 0) -> str:
    """The last line with words in it, of those written after byte `since`; empty when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(since, size(path) - 16384))
            lines = [line.strip() for line in file.read().decode(errors="replace").splitlines()]
    except OSError:
        return ""
    return next((line for line in reversed(lines) if line), "")


def say(event: str, **members: object) -> None:
    """One line to stderr for one event of the supervisor's own. Lost where the disk has no room for it."""
    told = " ".join(
        f"{name}={value!r}" if isinstance(value, str) else f"{name}={value}" for name, value in members.items()
    )
    with suppress(OSError):
        sys.stderr.write(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {event} {told}".rstrip() + "\n")
        sys.stderr.flush()
