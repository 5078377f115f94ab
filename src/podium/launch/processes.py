"""One child process: started, noticed dead, started again, ended."""

import math
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from podium.launch import backoff
from podium.launch.logs import last_line, open_log, size
from podium_program.parent import PARENT_VARIABLE

CONFIGURATION_ERROR = 3


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """What a part inherits: everything but the user's AWS settings, which are none of its business.

    PODIUM_PARENT tells it to end when this process does.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return inherited | {PARENT_VARIABLE: str(os.getpid())} | dict(extra)


class Part:
    """A program that should be running, and its process when it is.

    `command` may be replaced between two starts. `reason` says why it will not be started again, when so.
    """

    def __init__(self, name: str, command: list[str], log: Path, extra: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.deaths = 0
        self.restarts = 0
        self.reason: str | None = None
        self._extra = dict(extra or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._log_start = 0
        self._due: float | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """In a session of its own: a Ctrl-C in the terminal is for the one who started us, not for the parts."""
        self._due = None
        with open_log(self.log) as log:
            self._log_start = size(self.log)
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(self._extra),
                start_new_session=True,
            )
        self._started = time.monotonic()

    def reap(self) -> int | None:
        """The exit code, once, when the process has just been found dead; it is then due to start again.

        Negative when a signal ended it. Not due after the exit code that says that its settings are wrong.
        """
        if self._process is None or (code := self._process.poll()) is None:
            return None
        self._process = None
        if code == CONFIGURATION_ERROR:
            self.reason = last_line(self.log, since=self._log_start) or f"{self.name} refused its settings"
            return code
        now = time.monotonic()
        self.deaths = backoff.early_deaths(self.deaths, now - self._started)
        self._due = now + backoff.delay_seconds(self.deaths)
        return code

    def due_in(self) -> float:
        """Seconds until it is to start again; forever when it is not."""
        return math.inf if self._due is None else self._due - time.monotonic()

    def restart_if_due(self) -> bool:
        if self.due_in() > 0:
            return False
        self.restarts += 1
        self.start()
        return True

    def last_words(self) -> str:
        """The last line it wrote since it was started last."""
        return last_line(self.log, since=self._log_start)

    def end(self, sign: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end; it is not due any more."""
        self._due = None
        if self._process is not None:
            self._process.send_signal(sign)

    def gone(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def told(self) -> dict[str, object]:
        """Its state, for whoever asks."""
        state = "running" if self._process else "refused" if self.reason else "restarting"
        return {"name": self.name, "pid": self.pid, "state": state, "restarts": self.restarts, "reason": self.reason}
