"""Runs a command that must not outlive who started it: `python leash.py PARENT COMMAND`. It ends as the command does.

When the command has ended, when the process PARENT dies, and when this one is told to end by SIGTERM, all that the
command has started goes with it: everything in its process group.
Source: prctl(2), PR_SET_PDEATHSIG.
"""

import ctypes
import os
import signal
import subprocess
import sys
from contextlib import suppress
from types import FrameType

_PR_SET_PDEATHSIG = 1
_TOLD = {signal.SIGTERM}


def main(parent: int, command: list[str]) -> int:
    signal.pthread_sigmask(signal.SIG_BLOCK, _TOLD)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        return 1
    try:
        held = subprocess.Popen(command, process_group=0, preexec_fn=_listen)
    except OSError as error:
        sys.exit(f"{command[0]} cannot be run: {error.strerror}")

    def end(number: int, frame: FrameType | None) -> None:
        _kill(held.pid)
        os._exit(128 + number)

    signal.signal(signal.SIGTERM, end)
    _listen()
    status = held.wait()
    _kill(held.pid)
    if status < 0:
        with suppress(OSError):  # there is no other than the default for SIGKILL
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    return status


def _listen() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _TOLD)


def _kill(group: int) -> None:
    """All of it that may be ended: what another user's program runs there is not ours to end."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
