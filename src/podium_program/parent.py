"""Ending with one's parent."""

import ctypes
import os
import signal

PARENT_VARIABLE = "PODIUM_PARENT"
_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Have the kernel send SIGTERM when the process named by PODIUM_PARENT dies. Nothing without that variable.

    A parent that died before the kernel was told has left us to another: then the signal is ours to send.
    """
    parent = os.environ.get(PARENT_VARIABLE)
    if parent is None:
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        os.kill(os.getpid(), signal.SIGTERM)
