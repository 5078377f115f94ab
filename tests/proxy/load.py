"""Clients that never rest, to find out whether a change is noticed."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Load:
    """`failures` are whatever is not a 200, in words; `done` how many requests there were."""

    def __init__(self, host: str, port: int, clients: int = 3) -> None:
        self.done = 0
        self.failures: list[str] = []
        self._place = (host, port)
        self._ends = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        """One connection, kept alive; a server that says `Connection: close` is obeyed."""
        connection = http.client.HTTPConnection(*self._place, timeout=10)
        while not self._ends.is_set():
            try:
                connection.request("GET", "/load")
                response = connection.getresponse()
                response.read()
                if response.status != 200:
                    self.failures.append(f"{response.status}")
            except OSError as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                connection.close()
            self.done += 1
        connection.close()


@contextmanager
def load(host: str, port: int) -> Iterator[Load]:
    made = Load(host, port)
    try:
        yield made
    finally:
        made.close()
