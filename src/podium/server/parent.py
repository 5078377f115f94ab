"""Ending together with the supervisor that started us, however it ends."""

import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1


def die_with_it() -> None:
    """When a supervisor started this process, be told to end when it is gone. Linux only; elsewhere nothing."""
    expected = os.environ.get("PODIUM_PARENT")
    if expected is None:
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "prctl"):
        library.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(expected):  # it went before we could ask
        os.kill(os.getpid(), signal.SIGTERM)
