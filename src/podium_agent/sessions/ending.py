"""Ending a command that Docker runs in a container, by its process on this host.

Docker has no call for it. A process id may have become another's, so nothing is sent to a process that is not in the
container's control group; where Docker runs elsewhere, or this agent may not, the command is left to see its input
end.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path


def hang_up(pid: int, container: str) -> None:
    """What a command hears when its terminal is closed."""
    _send(pid, container, signal.SIGHUP)


def kill(pid: int, container: str) -> None:
    _send(pid, container, signal.SIGKILL)


def _send(pid: int, container: str, number: signal.Signals) -> None:
    """To the command and what it started in its own process group."""
    if pid > 1 and _is_in(pid, container):
        with suppress(ProcessLookupError, PermissionError):
            if os.getpgid(pid) == pid:
                os.killpg(pid, number)
            else:
                os.kill(pid, number)


def _is_in(pid: int, container: str) -> bool:
    try:
        return container in Path(f"/proc/{pid}/cgroup").read_text()
    except OSError:
        return False
