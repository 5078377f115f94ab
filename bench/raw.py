"""A client that costs next to nothing: sockets kept open, requests signed beforehand, answers thrown away."""

import json
import selectors
import socket
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from podium_protocol.signing import Credentials, Signer

TARGET = "AmazonEC2ContainerServiceV20141113"
REGION = "us-east-1"


@dataclass(frozen=True)
class Measured:
    """Calls a second, and how long one took, in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float
    calls: int
    failed: int = 0

    def as_json(self) -> dict[str, float]:
        return {"per_second": round(self.per_second, 1), "p50_ms": round(self.p50_ms, 3),
                "p99_ms": round(self.p99_ms, 3), "calls": self.calls, "failed": self.failed}  # fmt: skip


def signer(key: Mapping[str, Any]) -> Signer:
    """Of a key as credentials.json and the instance credentials have it."""
    credentials = Credentials(
        access_key_id=key["accessKeyId"],
        secret_access_key=key["secretAccessKey"],
        session_token=key.get("sessionToken"),
    )
    return Signer(credentials=credentials, region=REGION)


def request(host: str, key: tuple[str, str], operation: str, members: Mapping[str, Any]) -> bytes:
    """One signed ECS request, as it goes over the wire."""
    credentials = Credentials(access_key_id=key[0], secret_access_key=key[1])
    return signed(host, Signer(credentials=credentials, region=REGION), operation, members)


def signed(host: str, signer: Signer, operation: str, members: Mapping[str, Any]) -> bytes:
    """The same by a signer that is there already."""
    body = json.dumps(members).encode()
    extra = {"X-Amz-Target": f"{TARGET}.{operation}", "Content-Type": "application/x-amz-json-1.1"}
    headers = {
        "Host": host,
        "Content-Length": str(len(body)),
        **signer.headers("POST", host, "/", body=body, extra=extra),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{lines}\r\n".encode() + body


@dataclass
class _Line:
    """One connection and the call that is under way on it. A server that hangs up is called anew, on its own time."""

    address: tuple[str, int]
    selector: selectors.BaseSelector
    line: socket.socket | None = None
    message: bytes = b""
    began: float = 0.0
    got: bytearray = field(default_factory=bytearray)
    needed: int = 0
    _last: bool = False

    def send(self, message: bytes) -> None:
        self.got.clear()
        self.needed, self.message, self.began = 0, message, time.perf_counter()
        if self.line is None:
            self._dial()
        assert self.line is not None
        try:
            self.line.sendall(message)
        except OSError:
            self._dial()
            self.line.sendall(message)

    def hear(self) -> bytes | None:
        """The whole answer, once it is there."""
        assert self.line is not None
        try:
            piece = self.line.recv(1 << 18)
        except ConnectionResetError:
            piece = b""
        if not piece:
            assert not self.got, f"the server hung up in the middle of {bytes(self.got[:200])!r}"
            self._dial()
            self.line.sendall(self.message)
            return None
        self.got += piece
        if not self.needed:
            end = self.got.find(b"\r\n\r\n")
            if end < 0:
                return None
            head = bytes(self.got[:end]).lower()
            self.needed = end + 4 + _length(head)
            self._last = head.startswith(b"http/1.0") or b"connection: close" in head
        if len(self.got) < self.needed:
            return None
        if self._last:
            self.close()
        return bytes(self.got)

    def close(self) -> None:
        if self.line is not None:
            self.selector.unregister(self.line)
            self.line.close()
            self.line = None

    def _dial(self) -> None:
        self.close()
        self.line = _connected(self.address)
        self.selector.register(self.line, selectors.EVENT_READ, self)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip() == b"content-length":
            return int(value)
    raise AssertionError(f"an answer without a length: {head[:300]!r}")


def measure(
    address: tuple[str, int], requests: list[bytes], seconds: float, lines: int, most: int | None = None
) -> Measured:
    """Keep `lines` calls under way for so long, or until `most` are done. An answer that is not 200 is a failure."""
    waiting = cycle(requests)
    selector, took, failed = selectors.DefaultSelector(), list[float](), 0
    opened = [_Line(address, selector) for _ in range(lines)]
    for line in opened:
        line.send(next(waiting))
    began = time.perf_counter()
    while (now := time.perf_counter()) < began + seconds and (most is None or len(took) < most):
        for ready, _ in selector.select(10):
            answer = ready.data.hear()
            if answer is None:
                continue
            now = time.perf_counter()
            failed += not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200"))
            took.append(now - ready.data.began)
            ready.data.send(next(waiting))
    spent = now - began
    for line in opened:
        line.close()
    selector.close()
    took.sort()
    return Measured(
        per_second=len(took) / spent,
        p50_ms=statistics.median(took) * 1000,
        p99_ms=took[min(len(took) - 1, int(len(took) * 0.99))] * 1000,
        calls=len(took),
        failed=failed,
    )


def ask(address: tuple[str, int], message: bytes) -> dict[str, Any]:
    """One call, and its answer."""
    with selectors.DefaultSelector() as selector:
        line = _Line(address, selector)
        line.send(message)
        while (answer := line.hear()) is None:
            pass
        line.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), answer[:600]
    return dict(json.loads(body))


def _connected(address: tuple[str, int]) -> socket.socket:
    made = socket.create_connection(address, timeout=30)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def until(true: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    for _ in _ticks():
        if true():
            return
        assert time.monotonic() < end, f"{what} took longer than {seconds} s"


def _ticks() -> Iterator[None]:
    while True:
        yield
        time.sleep(0.02)
