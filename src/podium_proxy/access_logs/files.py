"""The file that Envoy writes, cut into periods; and a period's lines as one file for each load balancer.

What it makes of a period is the same whenever it is made: a file that is handed over twice is the same file.
"""

import gzip
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from podium_protocol.proxy import LoadBalancer
from podium_proxy.access_logs import entries
from podium_proxy.envoy import access_logs
from podium_proxy.envoy.access_logs import FILE

MOST_LINES = 20_000  # of one file
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


def waiting(data_dir: Path) -> list[Path]:
    """The oldest first."""
    return sorted(data_dir.glob("access-*.log"))


def too_much(data_dir: Path) -> list[Path]:
    """The oldest of what waits that there is no room for."""
    kept, beyond = 0, []
    for path in reversed(waiting(data_dir)):
        kept += path.stat().st_size
        if kept > MOST_BYTES:
            beyond.append(path)
    return beyond


def made(path: Path, balancers: Mapping[str, LoadBalancer]) -> Iterator[LogFile]:
    """Load balancers that are gone, or keep no logs any more, have none."""
    ended = int(path.stem.removeprefix("access-")) // 1000
    held: dict[str, list[str]] = {}
    count = 0
    with path.open(errors="replace") as lines:
        for text in lines:
            entry = entries.told(text)
            balancer = balancers.get(entries.balancer_of(entry)) if entry is not None else None
            if entry is None or balancer is None or not access_logs.are_wanted(balancer):
                continue
            own = held.setdefault(balancer["arn"], [])
            own.append(entries.line(entry, balancer))
            if len(own) == MOST_LINES:
                count += 1
                yield _file(path, balancer["arn"], ended, count, held.pop(balancer["arn"]))
    for arn, own in held.items():
        count += 1
        yield _file(path, arn, ended, count, own)


def _file(path: Path, arn: str, ended: int, number: int, lines: Iterable[str]) -> LogFile:
    content = gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)
    mark = hashlib.sha256(f"{path.name} {arn} {number}".encode()).hexdigest()[:16]
    return LogFile(mark, arn, ended, content)
