"""Clients that ask all the time in HTTP/1.1, HTTP/2 and by WebSocket, over connections that they keep."""

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from podium_proxy.checks.http2_probe import _PREFACE, _block, _frame, _status
from waiting import until

_TIMEOUT = 20.0
_DATA, _HEADERS, _RESET, _SETTINGS, _PING, _GO_AWAY, _WINDOW = 0, 1, 3, 4, 6, 7, 8
_GOING_AWAY = 1001


class Http2:
    """One connection, with prior knowledge. It is opened again when the server said that it would close it."""

    def __init__(self, host: str, port: int) -> None:
        self._place, self._stream = (host, port), 1
        self._open()

    def ask(self) -> str:
        """The body. Raises OSError for anything but a 200."""
        fields = {":method": "GET", ":scheme": "http", ":path": "/", ":authority": self._place[0]}
        if self._leaves:
            self.close()
            self._open()
        stream, self._stream = self._stream, self._stream + 2
        self._socket.sendall(_frame(_HEADERS, 0x5, stream, _block(fields)))
        return self._answer(stream)

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _open(self) -> None:
        self._socket = socket.create_connection(self._place, _TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")
        self._leaves, self._stream = False, 1
        wide = _frame(_WINDOW, 0, 0, (2**31 - 2**16).to_bytes(4, "big"))
        self._socket.sendall(_PREFACE + _frame(_SETTINGS, 0, 0, b"") + wide)

    def _answer(self, stream: int) -> str:
        body = b""
        while True:
            head = self._file.read(9)
            if len(head) < 9:
                raise ConnectionError("the connection ended")
            length, kind, flags, about = head[:3], head[3], head[4], int.from_bytes(head[5:], "big")
            content = self._file.read(int.from_bytes(length, "big"))
            if kind in (_SETTINGS, _PING) and not flags & 1:
                self._socket.sendall(_frame(kind, 1, 0, content if kind == _PING else b""))
            elif kind == _GO_AWAY:
                self._leaves = True
            elif kind == _RESET and about == stream:
                raise ConnectionError("the request was reset")
            elif kind == _HEADERS and (status := _status(content)) != 200:
                raise ConnectionError(f"it answered {status}")
            elif kind == _DATA:
                body += content
            if kind in (_HEADERS, _DATA) and about == stream and flags & 1:
                return body.decode()


class Http1:
    def __init__(self, host: str, port: int) -> None:
        self._connection = HTTPConnection(host, port, timeout=_TIMEOUT)

    def ask(self) -> str:
        self._connection.request("GET", "/")
        answer = self._connection.getresponse()
        body = answer.read().decode()
        if answer.status != 200:
            raise ConnectionError(f"it answered {answer.status}")
        return body

    def close(self) -> None:
        self._connection.close()


class WebSocket:
    """One that the server closes as it should, with 1001, is opened again, and the message is sent once more."""

    def __init__(self, host: str, port: int) -> None:
        self._url = f"ws://{host}:{port}/"
        self._socket: ClientConnection | None = None
        self._held = ExitStack()

    def ask(self) -> str:
        if self._socket is None:
            opened = connect(self._url, open_timeout=_TIMEOUT, compression=None, proxy=None)
            self._socket = self._held.enter_context(opened)
        try:
            self._socket.send("hello")
            return str(self._socket.recv(timeout=_TIMEOUT))
        except ConnectionClosed as closed:
            if closed.rcvd is None or closed.rcvd.code != _GOING_AWAY:
                raise
            self.close()
            return self.ask()

    def close(self) -> None:
        self._socket = None
        self._held.close()


Client = Http1 | Http2 | WebSocket


class Crowd:
    """`told` counts answers by kind of client and what they said; `failed` are those that were none."""

    def __init__(self, host: str, port: int, each: int = 2) -> None:
        self.told: Counter[tuple[str, str]] = Counter()
        self.failed: Counter[str] = Counter()
        self._over = threading.Event()
        kinds: list[Callable[[str, int], Client]] = [Http1, Http2, WebSocket] * each
        self._threads = [threading.Thread(target=self._run, args=(kind, host, port)) for kind in kinds]
        for thread in self._threads:
            thread.start()

    def more(self, version: str, count: int = 5) -> None:
        """Wait for so many more answers of that version to each kind of client."""
        kinds = (Http1.__name__, Http2.__name__, WebSocket.__name__)
        before = Counter(self.told)

        def heard() -> bool:
            assert self.failed == {}
            return all(self.told[kind, version] >= before[kind, version] + count for kind in kinds)

        until(heard, f"{count} answers of version {version} to each kind of client")

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, kind: Callable[[str, int], Client], host: str, port: int) -> None:
        client = kind(host, port)
        while not self._over.is_set():
            try:
                said = client.ask()
                self.told[type(client).__name__, said] += 1
            except (OSError, HTTPException, WebSocketException) as error:
                self.failed[f"{type(client).__name__}: {error!r}"] += 1
                client.close()
                client = kind(host, port)
            self._over.wait(0.005)
        client.close()


@contextmanager
def crowd(host: str, port: int) -> Iterator[Crowd]:
    found = Crowd(host, port)
    try:
        yield found
    finally:
        found.end()
