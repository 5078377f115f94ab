"""The file that Envoy writes, cut into periods; and a period's lines as one file for each load balancer.

What it makes of a period is the same whenever it is made: a file that is handed over twice is the same file.
"""

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from podium_protocol.proxy import LoadBalancer
from podium_proxy.access_logs import entries
from podium_proxy.envoy import access_logs
from podium_proxy.envoy.access_logs import FILE

MOST_TEXT = 8 * 1024 * 1024  # of one file, before it is compressed: a message to the control plane may have 16 MiB
EARLY_BYTES = 32 * 1024 * 1024  # of what Envoy writes: it is cut before the period is over
MOST_BYTES = 256 * 1024 * 1024  # of all that waits
_FORM = "access-{:013d}.log"


@dataclass(frozen=True, slots=True)
class LogFile:
    """`id` names it and no other; `ended` is when its period was over, in seconds since the epoch."""

    id: str
    load_balancer: str
    ended: int
    content: bytes


def cut(data_dir: Path, ended: float) -> None:
    """If there is anything. What Envoy writes goes into the file that was cut until it opens another."""
    path = data_dir / FILE
    with suppress(FileNotFoundError):
        if path.stat().st_size:
            path.rename(data_dir / _FORM.format(int(ended * 1000)))


def is_large(data_dir: Path) -> bool:
    """Whether it is to be cut whatever the time."""
    try:
        return (data_dir / FILE).stat().st_size >= EARLY_BYTES
    except FileNotFoundError:
        return False


def waiting(data_dir: Path) -> list[Path]:
    """The oldest first."""
    return sorted(data_dir.glob("access-*.log"))


def too_much(data_dir: Path) -> list[Path]:
    """The oldest of what waits that there is no room for; never the newest, which nobody has been offered yet."""
    kept, beyond = 0, []
    for place, path in enumerate(reversed(waiting(data_dir))):
        kept += path.stat().st_size
        if place and kept > MOST_BYTES:
            beyond.append(path)
    return beyond


def made(path: Path, balancers: Mapping[str, LoadBalancer]) -> Iterator[LogFile]:
    """Load balancers that are gone, or keep no logs any more, have none."""
    ended = int(path.stem.removeprefix("access-")) // 1000
    open_ones: dict[str, _Lines] = {}
    with path.open(errors="replace") as lines:
        for text in lines:
            entry = entries.told(text)
            balancer = balancers.get(entries.balancer_of(entry)) if entry is not None else None
            if entry is None or balancer is None or not access_logs.are_wanted(balancer):
                continue
            own = open_ones.setdefault(balancer["arn"], _Lines())
            own.add(entries.line(entry, balancer))
            if own.size >= MOST_TEXT:
                yield own.file(path, balancer["arn"], ended)
    for arn, own in open_ones.items():
        if own.size:
            yield own.file(path, arn, ended)


class _Lines:
    """Those of one load balancer that are not yet in a file, and how many files there are already."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._files = 0
        self.size = 0

    def add(self, line: str) -> None:
        self._lines.append(f"{line}\n".encode())
        self.size += len(self._lines[-1])

    def file(self, path: Path, arn: str, ended: int) -> LogFile:
        self._files += 1
        content = gzip.compress(b"".join(self._lines), mtime=0)
        mark = hashlib.sha256(f"{path.name} {arn} {self._files}".encode()).hexdigest()[:16]
        self._lines, self.size = [], 0
        return LogFile(mark, arn, ended, content)
