"""Where a mount is seen by Docker: in this process's own mount namespace, or in another that is Docker's.

An agent in a container sees other mounts than Docker does, and so does one that `ip netns exec` started.
"""

import os
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

_CREDENTIALS = struct.Struct("3i")
_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class MountNamespace:
    """The one of process `pid`; 0 stands for this process."""

    pid: int = 0

    def path(self, name: str) -> Path:
        """What is called `name` there, as this process reaches it."""
        return Path(f"/proc/{self.pid}/root{name}" if self.pid else name)

    def command(self, *words: str) -> tuple[str, ...]:
        return ("nsenter", "--target", str(self.pid), "--mount", "--", *words) if self.pid else words


def of_docker(docker_host: str) -> MountNamespace:
    """Of the process that listens on Docker's socket, where it can be told to be another than ours."""
    try:
        pid = _listener(docker_host.removeprefix("unix://"))
        there, here = os.readlink(f"/proc/{pid}/ns/mnt"), os.readlink("/proc/self/ns/mnt")
    except OSError:
        return MountNamespace()
    return MountNamespace() if there == here else MountNamespace(pid=pid)


def _listener(path: str) -> int:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(_SECONDS)
        asking.connect(path)
        pid, _, _ = _CREDENTIALS.unpack(asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
        return int(pid)
