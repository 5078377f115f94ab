"""A plugin at the end of a real WebSocket."""

import socket
import threading
import time
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from protocol.plugin import TICK, Plugin
from waiting import until


class PluginSession:
    """What `aws ecs execute-command` starts: `session` is what the API answered. A thread keeps it going."""

    def __init__(self, session: dict[str, Any], terminal: tuple[int, int] = (80, 24)) -> None:
        self.url, self.plugin = session["streamUrl"], Plugin(token=session["tokenValue"], terminal=terminal)
        self._typed: list[bytes] = []
        self.closed_with: int | None = None
        self._ending = False
        self._dial()

    def _dial(self) -> None:
        self._socket: ClientConnection | None = None
        self._thread = threading.Thread(target=self._talk, daemon=True)
        self._thread.start()

    def resumes(self, token: str) -> None:
        """Reconnects, after its line broke, to the same URL with a new token."""
        self.plugin.token = token
        self._dial()

    def breaks(self) -> None:
        """The line is gone without a word."""
        assert self._socket is not None
        self._socket.socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)

    def types(self, keys: bytes) -> None:
        self._typed.append(keys)

    def terminates(self) -> None:
        """The user ends the session from outside of it."""
        until(lambda: self.plugin.is_quiet, "what was typed to arrive")
        self._ending = True

    def resizes(self, columns: int, rows: int) -> None:
        self.plugin.terminal = (columns, rows)

    def shows(self, text: str, seconds: float = 15) -> None:
        """Wait until the user has seen it."""
        try:
            until(lambda: text.encode() in self.plugin.shown, f"{text!r} on the screen", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; shown was {self.plugin.shown!r}, and {self.plugin.farewell}") from None

    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def ends(self) -> dict[str, Any]:
        """What the channel's last word was."""
        until(self.is_over, "the end of the channel", 15)
        assert self.plugin.farewell is not None, f"closed with {self.closed_with}, without a last word"
        return self.plugin.farewell

    def close(self) -> None:
        """As when the user's terminal is closed."""
        self.breaks()

    def _talk(self) -> None:
        with connect(self.url, proxy=None, compression=None) as line:
            self._socket = line
            line.send(self.plugin.opening())
            try:
                self._pump(line)
            except (ConnectionClosed, OSError):
                self.closed_with = line.close_code

    def _pump(self, line: ClientConnection) -> None:
        ticked = 0.0
        while True:
            now = time.monotonic()
            if now - ticked >= TICK:
                ticked = now
                self.plugin.tick(now)
            while self._typed and self.plugin.has_told_size:
                self.plugin.types(self._typed.pop(0))
            if self._ending:
                self._ending = False
                self.plugin.terminates()
            while self.plugin.outbox:
                line.send(self.plugin.outbox.pop(0))
            try:
                data = line.recv(timeout=0.02)
            except TimeoutError:
                continue
            assert isinstance(data, bytes)
            self.plugin.hears(data, time.monotonic())
