"""An Envoy that was left running: whether it is still the one, by what /proc says of it."""

import json
import os
import signal
from dataclasses import asdict, dataclass
from pathlib import Path

_FILE = "envoy.json"


@dataclass(frozen=True, kw_only=True)
class Envoy:
    """`began` tells a process from a later one of the same id: it is in the kernel's ticks since boot."""

    pid: int
    began: int
    fingerprint: str


def remember(data_dir: Path, envoy: Envoy) -> None:
    beside = data_dir / f"{_FILE}.new"
    beside.write_text(json.dumps(asdict(envoy)))
    beside.rename(data_dir / _FILE)


def running(data_dir: Path) -> Envoy | None:
    """The one that this data dir's proxy started, if it runs."""
    try:
        envoy = Envoy(**json.loads((data_dir / _FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return envoy if began(envoy.pid) == envoy.began else None


def forget(data_dir: Path) -> None:
    (data_dir / _FILE).unlink(missing_ok=True)


def began(pid: int) -> int | None:
    """None when there is no such process, or only its zombie."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    return None if state in "ZX" else int(rest[18])


def end(envoy: Envoy, number: signal.Signals = signal.SIGTERM) -> None:
    if began(envoy.pid) == envoy.began:
        os.kill(envoy.pid, number)
