"""The session-manager-plugin, as far as the control plane can tell: its frames, its timers and its oddities.

Written from the description of the protocol, sharing no code with Podium's side. It performs no I/O: `hears` takes a
frame, `tick` is called every 100 ms, and both leave what it sends in `outbox`.
"""

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

TICK = 0.1
INSTALLING = 0.05
"""Seconds after HandshakeComplete in which its session handler is not there yet."""


def pack(kind: str, sequence: int, flags: int, payload_type: int, payload: bytes) -> bytes:
    identity = uuid.uuid4().bytes
    return b"".join(
        (
            (116).to_bytes(4, "big"),
            kind.encode().ljust(32, b" "),
            (1).to_bytes(4, "big"),
            (1_700_000_000_000).to_bytes(8, "big"),
            sequence.to_bytes(8, "big", signed=True),
            flags.to_bytes(8, "big"),
            identity[8:16] + identity[0:8],
            hashlib.sha256(payload).digest(),
            payload_type.to_bytes(4, "big"),
            len(payload).to_bytes(4, "big"),
            payload,
        )
    )


@dataclass(frozen=True)
class Frame:
    kind: str
    sequence: int
    id: str
    payload_type: int
    payload: bytes


def unpack(frame: bytes) -> Frame:
    length = int.from_bytes(frame[0:4], "big")
    payload = frame[length + 4 :]
    assert length == 116
    assert int.from_bytes(frame[40:48], "big") > 0
    assert frame[80:112] == hashlib.sha256(payload).digest()
    assert int.from_bytes(frame[116:120], "big") == len(payload)
    swapped = frame[64:80]
    return Frame(
        kind=frame[4:36].decode().strip(" \0"),
        sequence=int.from_bytes(frame[48:56], "big", signed=True),
        id=str(uuid.UUID(bytes=swapped[8:16] + swapped[0:8])),
        payload_type=int.from_bytes(frame[112:116], "big"),
        payload=payload,
    )


@dataclass
class _Sent:
    frame: bytes
    at: float
    again: bool = False


@dataclass
class Plugin:
    """`shown` is what the user sees; `farewell` what channel_closed says, None while the session lasts."""

    token: str = "token"
    terminal: tuple[int, int] = (80, 24)
    shown: bytes = b""
    farewell: dict[str, Any] | None = None
    outbox: list[bytes] = field(default_factory=list)
    session_type: str = ""
    now: float = 0.0
    _expected: int = 0
    _sequence: int = 0
    _buffered: dict[int, Frame] = field(default_factory=dict)
    _sent: dict[int, _Sent] = field(default_factory=dict)
    _handler_at: float | None = None
    _last_size: tuple[int, int] | None = None
    _timeout: float = 0.2

    def opening(self) -> str:
        """The first frame, as text."""
        members = {"MessageSchemaVersion": "1.0", "RequestId": str(uuid.uuid4()), "TokenValue": self.token}
        return json.dumps({**members, "ClientId": str(uuid.uuid4()), "ClientVersion": "1.2.0.0"})

    @property
    def has_handler(self) -> bool:
        return self._handler_at is not None and self.now >= self._handler_at

    @property
    def has_told_size(self) -> bool:
        """Which it does before anybody can have typed."""
        return self._last_size is not None

    @property
    def is_quiet(self) -> bool:
        """Whether all that was typed has been acknowledged."""
        return not self._sent

    def types(self, keys: bytes) -> None:
        self._send(1, b"\r" if keys == b"\n" else keys)

    def terminates(self) -> None:
        self._send(10, (2).to_bytes(4, "big"))

    def tick(self, now: float) -> None:
        """Resend the oldest when it is old enough; tell the terminal's size when it changed."""
        self.now = now
        if self.has_handler and self._last_size != self.terminal:
            self._last_size = self.terminal
            self._send(3, json.dumps({"cols": self.terminal[0], "rows": self.terminal[1]}).encode())
        oldest = next(iter(self._sent.values()), None)
        if oldest is not None and now - oldest.at > self._timeout:
            oldest.at, oldest.again = now, True
            self.outbox.append(oldest.frame)

    def hears(self, data: bytes, now: float) -> None:
        self.now = now
        frame = unpack(data)
        if frame.kind == "acknowledge":
            told = json.loads(frame.payload)
            assert told["AcknowledgedMessageType"] == "input_stream_data"
            self._sent.pop(told["AcknowledgedMessageSequenceNumber"], None)
        elif frame.kind == "channel_closed":
            self.farewell = json.loads(frame.payload)
        elif frame.kind == "output_stream_data":
            self._stream(frame)

    def _stream(self, frame: Frame) -> None:
        """An old number is passed over without a word; a coming one is acknowledged and kept."""
        if frame.sequence > self._expected:
            self._acknowledge(frame)
            self._buffered[frame.sequence] = frame
        elif frame.sequence == self._expected and self._processes(frame):
            self._acknowledge(frame)
            self._expected += 1
            while (held := self._buffered.get(self._expected)) is not None and self._processes(held):
                del self._buffered[self._expected]
                self._expected += 1

    def _processes(self, frame: Frame) -> bool:
        """False: not acknowledged, and its number is still waited for."""
        if frame.payload_type == 5:
            self._shake_hands(json.loads(frame.payload))
        elif frame.payload_type == 7:
            assert set(json.loads(frame.payload)) == {"HandshakeTimeToComplete", "CustomerMessage"}
            self._handler_at = self.now + INSTALLING
        elif frame.payload_type == 1:
            if not self.has_handler:
                return False
            self.shown += frame.payload
        return True

    def _shake_hands(self, request: dict[str, Any]) -> None:
        [action] = request["RequestedClientActions"]
        self.session_type = action["ActionParameters"]["SessionType"]
        done = {"ActionType": "SessionType", "ActionStatus": 1, "ActionResult": None, "Error": ""}
        response = {"ClientVersion": "1.2.0.0", "ProcessedClientActions": [done], "Errors": None}
        self._send(6, json.dumps(response).encode())

    def _send(self, payload_type: int, payload: bytes) -> None:
        frame = pack("input_stream_data", self._sequence, 0, payload_type, payload)
        self._sent[self._sequence] = _Sent(frame, self.now)
        self._sequence += 1
        self.outbox.append(frame)

    def _acknowledge(self, frame: Frame) -> None:
        told = {
            "AcknowledgedMessageType": frame.kind,
            "AcknowledgedMessageId": frame.id,
            "AcknowledgedMessageSequenceNumber": frame.sequence,
            "IsSequentialMessage": True,
        }
        self.outbox.append(pack("acknowledge", 0, 3, 0, json.dumps(told).encode()))
