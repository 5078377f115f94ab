"""Signals as something to wait for."""

import select
import signal
import socket
from types import FrameType


def _noted(number: int, frame: FrameType | None) -> None:
    """The wake-up socket has already been told."""


class Signals:
    """Receives these signals instead of whatever they would have done, for the rest of this process.

    Child processes are not affected: handlers end with exec, and nothing is blocked.
    """

    def __init__(self, *numbers: signal.Signals) -> None:
        self._receiver, self._sender = socket.socketpair()
        self._receiver.setblocking(False)
        self._sender.setblocking(False)
        signal.set_wakeup_fd(self._sender.fileno(), warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, _noted)

    def wait(self, seconds: float) -> frozenset[int]:
        """The signals that have arrived, as soon as there is one; empty when the time is over."""
        ready, _, _ = select.select([self._receiver], [], [], max(0.0, seconds))
        return frozenset(self._receiver.recv(1024)) if ready else frozenset()
