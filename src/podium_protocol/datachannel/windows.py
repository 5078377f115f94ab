"""One direction of a data channel at each end: what is not acknowledged is sent again, what is early waits.

Numbers begin at 0 and count every stream message, whatever it carries.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from podium_protocol.datachannel.messages import AgentMessage

FIRST_TIMEOUT_SECONDS = 0.2
LEAST_DEVIATION_SECONDS = 0.01
LONGEST_TIMEOUT_SECONDS = 1.0
AGAIN_AT_ONCE = 64
ENOUGH_TIMES = 20
MOST_EARLY = 10_000
MOST_EARLY_BYTES = 4 * 1024 * 1024


class RoundTrip:
    """How long an acknowledgement may take, from those that came: the mean and four deviations."""

    def __init__(self) -> None:
        self.timeout = FIRST_TIMEOUT_SECONDS
        self._mean = 0.0
        self._deviation = 0.0

    def took(self, seconds: float) -> None:
        if not self._mean:
            self._mean, self._deviation = seconds, seconds / 2
        else:
            self._deviation += (abs(self._mean - seconds) - self._deviation) / 4
            self._mean += (seconds - self._mean) / 8
        wanted = self._mean + max(LEAST_DEVIATION_SECONDS, 4 * self._deviation)
        self.timeout = min(max(wanted, FIRST_TIMEOUT_SECONDS), LONGEST_TIMEOUT_SECONDS)


@dataclass(slots=True)
class _Sent:
    frame: bytes
    first: float
    last: float
    wait: float
    times: int = 1


class Sender:
    """Keeps what was sent until it is acknowledged. A message that goes out again waits twice as long, up to 1 s.

    The plugin passes over what it has had before, without a word. So an acknowledgement that is lost, as happens when
    a socket breaks, never comes again: a message that went out twenty times while a later one was acknowledged is
    there.
    """

    def __init__(self) -> None:
        self.next_sequence = 0
        self._latest = -1
        self._round_trip = RoundTrip()
        self._unacknowledged: dict[int, _Sent] = {}

    def __len__(self) -> int:
        """How many messages are on their way."""
        return len(self._unacknowledged)

    def sent(self, frame: bytes, now: float) -> None:
        """`frame` has the number `next_sequence`, and now is on its way."""
        self._unacknowledged[self.next_sequence] = _Sent(frame, now, now, self._round_trip.timeout)
        self.next_sequence += 1

    def acknowledged(self, sequence: int, now: float) -> None:
        """Only what went out once tells how long the way is."""
        found = self._unacknowledged.pop(sequence, None)
        if found is None:
            return
        self._latest = max(self._latest, sequence)
        if found.times == 1:
            self._round_trip.took(now - found.first)

    def due(self, now: float) -> list[bytes]:
        """The frames to send again, oldest first."""
        there = [n for n, sent in self._unacknowledged.items() if n < self._latest and sent.times >= ENOUGH_TIMES]
        for sequence in there:
            del self._unacknowledged[sequence]
        return [self._again(sent, now) for sent in self._oldest() if now - sent.last >= sent.wait]

    def everything(self, now: float) -> list[bytes]:
        """All that is unacknowledged, for a line that was opened anew."""
        return [self._again(sent, now) for sent in self._unacknowledged.values()]

    def _oldest(self) -> Iterator[_Sent]:
        return (sent for _, sent in zip(range(AGAIN_AT_ONCE), self._unacknowledged.values(), strict=False))

    def _again(self, sent: _Sent, now: float) -> bytes:
        sent.last, sent.wait, sent.times = now, min(2 * sent.wait, LONGEST_TIMEOUT_SECONDS), sent.times + 1
        return sent.frame


class Receiver:
    """Puts messages in order. What is not acknowledged comes again, so that nothing refused here is lost."""

    def __init__(self) -> None:
        self._expected = 0
        self._early: dict[int, AgentMessage] = {}
        self._early_bytes = 0

    def take(self, message: AgentMessage, room: bool = True) -> tuple[bool, list[AgentMessage]]:
        """Whether to acknowledge `message`, and the messages whose turn has come, in order.

        One that was taken before is acknowledged again: its sender has not heard. Without `room` nothing new is taken.
        """
        if message.sequence < self._expected or message.sequence in self._early:
            return message.sequence >= 0, []
        if not room or (message.sequence != self._expected and self._is_full(message)):
            return False, []
        self._early[message.sequence] = message
        self._early_bytes += len(message.payload)
        return True, list(self._in_order())

    def _is_full(self, message: AgentMessage) -> bool:
        bytes_then = self._early_bytes + len(message.payload)
        return len(self._early) >= MOST_EARLY or bytes_then > MOST_EARLY_BYTES

    def _in_order(self) -> Iterator[AgentMessage]:
        while (message := self._early.pop(self._expected, None)) is not None:
            self._early_bytes -= len(message.payload)
            self._expected += 1
            yield message
