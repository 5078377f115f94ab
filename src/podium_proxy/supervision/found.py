"""An Envoy that was left running: whether it is still the one, by what /proc says of it."""

import json
import os
import signal
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

_FILE = "envoy.json"


@dataclass(frozen=True, kw_only=True)
class Envoy:
    """`began` tells a process from a later one of the same id: it is in the kernel's ticks since boot.

    Envoys of one `base` hand their sockets on, from one `epoch` to the next. `before` is the one that this one has
    taken over from, by pid and `began`, and that may still end its connections.
    """

    pid: int
    began: int
    fingerprint: str
    base: int
    epoch: int = 0
    before: tuple[int, int] | None = None

    @property
    def runs(self) -> bool:
        return began(self.pid) == self.began

    @property
    def memory(self) -> Path:
        """What Envoys of one base share, and leave behind."""
        return Path(f"/dev/shm/envoy_shared_memory_{self.base * 10}")


def remember(data_dir: Path, envoy: Envoy) -> None:
    beside = data_dir / f"{_FILE}.new"
    beside.write_text(json.dumps(asdict(envoy)))
    beside.rename(data_dir / _FILE)


def running(data_dir: Path) -> Envoy | None:
    """The one that this data dir's proxy started, if it runs."""
    envoy = last(data_dir)
    return envoy if envoy is not None and envoy.runs else None


def last(data_dir: Path) -> Envoy | None:
    """The one that was started last, whether or not it runs."""
    try:
        return Envoy(**json.loads((data_dir / _FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def forget(data_dir: Path) -> None:
    (data_dir / _FILE).unlink(missing_ok=True)


def began(pid: int) -> int | None:
    """None when there is no such process, or only its zombie."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    return None if state in "ZX" else int(rest[18])


def processes(envoy: Envoy) -> list[int]:
    """It, and the one before it, as far as they run."""
    both = [(envoy.pid, envoy.began), *([envoy.before] if envoy.before else [])]
    return [pid for pid, since in both if began(pid) == since]


def opened(pid: int) -> set[str]:
    """The paths of files that a process has open, as they are called now. None of a process that is gone."""
    paths = set()
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                paths.add(os.readlink(descriptor))
    return paths


def tell(envoy: Envoy, number: signal.Signals) -> None:
    """All of its processes."""
    for pid in processes(envoy):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
