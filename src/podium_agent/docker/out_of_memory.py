"""Whom the kernel ended for want of memory, read in its own log.

Docker hears of such an end from the container's control group, and does not hear of it at all when the container was
its only process and the group is gone before Docker looks, as happens on a busy host. The kernel writes it down before
it kills: `oom-kill:...,task_memcg=/ecs/<task>/<container>,task=sh,pid=...` (mm/oom_kill.c). It writes no more than ten
in five seconds, and names the innermost group, which is not the container's own where systemd runs in it; so this is a
second witness, beside Docker.
"""

import os
import re
from collections import deque
from pathlib import Path

_RECORD_BYTES = 8192  # the longest the kernel makes; a read with less room fails
_MOST_REMEMBERED = 1000  # containers of others end, too, and nobody asks for them
_VICTIM = re.compile(rb"task_memcg=\S*?([0-9a-f]{64})(?:\.scope)?,")


class KernelLog:
    """Says nothing where it may not be read: to others than root, or inside of a container."""

    def __init__(self, path: Path = Path("/dev/kmsg")) -> None:
        self._ended: deque[str] = deque(maxlen=_MOST_REMEMBERED)
        try:
            self._file: int | None = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            os.lseek(self._file, 0, os.SEEK_END)
        except OSError:
            self._file = None

    def ended(self, docker_id: str) -> bool:
        """Whether the kernel ended a process of that container since this was asked last. It is told once."""
        self._read_on()
        told = docker_id in self._ended
        while docker_id in self._ended:
            self._ended.remove(docker_id)
        return told

    def _read_on(self) -> None:
        while self._file is not None:
            try:
                record = os.read(self._file, _RECORD_BYTES)
            except BrokenPipeError:
                continue  # some were overwritten; the next read gives the oldest that is left
            except OSError:
                return  # most often EAGAIN: there is no more
            if not record:
                return
            self._ended.extend(victim.decode() for victim in _VICTIM.findall(record))
