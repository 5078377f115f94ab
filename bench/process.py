"""What processes cost, by the kernel's own books."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_BARE = "import asyncio, json, sqlite3, ssl, sys; print('ready', flush=True); sys.stdin.read()"


def resident_mib(pid: int) -> float:
    """RSS, which counts what is shared in full: no other measure of memory is larger."""
    return _kib(Path(f"/proc/{pid}/status"), "VmRSS:") / 1024


def proportional_mib(pid: int) -> float:
    """PSS: what is shared counts in parts, one for each process that shares it."""
    return _kib(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") / 1024


def cpu_seconds(pid: int) -> float:
    """Of the process and of its children that have ended, in both modes."""
    return sum(map(int, _stat(pid)[11:15])) / _TICKS


def cpu_of_all(pids: Iterable[int]) -> dict[int, float]:
    """The same of each process that is there, without children."""
    found = {}
    for pid in pids:
        try:
            found[pid] = sum(map(int, _stat(pid)[11:13])) / _TICKS
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def spent(before: dict[int, float], after: dict[int, float]) -> float:
    """By those that were there all the time."""
    return sum(after[pid] - before[pid] for pid in before.keys() & after.keys())


def named(*names: str) -> list[int]:
    """Processes whose name begins with one of these."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "comm").read_text().startswith(names):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def running(*words: str) -> int:
    """The one process that has each of `words` among the arguments of its command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "cmdline").read_text().split("\0")
        except OSError:
            continue
        if set(words) <= set(told):
            found.append(int(folder.name))
    assert len(found) == 1, f"{len(found)} processes run {' '.join(words)}"
    return found[0]


def bare_interpreter_mib() -> float:
    """RSS of a Python that has only loaded what any such program needs: what no agent in Python can be below."""
    command = [sys.executable, "-c", _BARE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = resident_mib(process.pid)
        process.communicate()
    return found


def _kib(path: Path, name: str) -> int:
    return next(int(line.split()[1]) for line in path.read_text().splitlines() if line.startswith(name))


def _stat(pid: int) -> list[str]:
    """Fields from the third on: the second, in brackets, may hold blanks."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
