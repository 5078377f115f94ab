"""One session's data channel, without its socket: frames come in, and what they mean and frames to send come out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

from podium_protocol.datachannel import handshake
from podium_protocol.datachannel.messages import (
    ACKNOWLEDGE,
    CHANNEL_CLOSED,
    INPUT,
    OUTPUT,
    AgentMessage,
    Flags,
    PayloadType,
    decode,
    encode,
)
from podium_protocol.datachannel.windows import Receiver, Sender
from podium_protocol.envelope import Malformed

MOST_WAITING = 64 * 1024  # bytes of output
LARGEST_OUTPUT = 1024  # bytes of one message, as the SSM agent sends them
MOST_ON_THEIR_WAY = 128  # messages; output waits for its turn beyond that
_TERMINATE = 2  # of the Flag payload


@dataclass(frozen=True)
class Ready:
    """The client has the end of the handshake: the session may begin.

    Not before that: what overtook the end of the handshake would be acknowledged, kept, and lost, since the plugin
    takes it from its buffer before it has a handler for it.
    """


@dataclass(frozen=True)
class Refused:
    """The client cannot have this session, and says why."""

    reason: str


@dataclass(frozen=True)
class Input:
    data: bytes


@dataclass(frozen=True)
class Resized:
    columns: int
    rows: int


@dataclass(frozen=True)
class Terminated:
    """The client wants no more of it."""


Heard = Ready | Refused | Input | Resized | Terminated


class Channel:
    """Survives its sockets: what the client has not acknowledged goes out again on the next one.

    Every method may leave frames in `outgoing`; `frames` takes them out. `epoch_milliseconds` is asked for each new
    message's date.
    """

    def __init__(
        self,
        session_id: str,
        command: str,
        epoch_milliseconds: Callable[[], int],
        new_id: Callable[[], UUID] = uuid4,
    ) -> None:
        self._session_id, self._command = session_id, command
        self._epoch, self._new_id = epoch_milliseconds, new_id
        self._sender, self._receiver = Sender(), Receiver()
        self._outgoing: list[bytes] = []
        self._waiting = bytearray()
        self._began: float | None = None
        self._completed: int | None = None  # the number of the message that ends the handshake
        self.is_ready = False

    @property
    def has_room(self) -> bool:
        """Whether output may be given. Nothing is lost if more is: it only takes memory."""
        return len(self._waiting) < MOST_WAITING

    @property
    def has_told_all(self) -> bool:
        """Whether the client has acknowledged everything."""
        return not self._waiting and not len(self._sender)

    def frames(self) -> list[bytes]:
        frames, self._outgoing = self._outgoing, []
        return frames

    def opened(self, now: float) -> None:
        """A socket is there: the first one is greeted, a later one hears what its forerunner may not have."""
        if self._began is None:
            self._began = now
            self._say(PayloadType.HANDSHAKE_REQUEST, handshake.request(self._command), now)
        else:
            self._outgoing = self._sender.everything(now)

    def output(self, data: bytes, now: float) -> None:
        """What finds no place on the way is put together while it waits: small pieces make few messages then."""
        self._waiting += data
        self._go_on(now)

    def closed(self, output: str = "") -> None:
        """The last word. It has no number and is not acknowledged; `output` is shown to the user."""
        identity, date = self._new_id(), self._epoch()
        payload = handshake.closed(self._session_id, str(identity), date, output)
        self._outgoing.append(
            encode(AgentMessage(type=CHANNEL_CLOSED, sequence=0, created_at=date, id=identity, payload=payload))
        )

    def tick(self, now: float) -> None:
        """Send again what is due."""
        self._outgoing += self._sender.due(now)
        self._go_on(now)

    def heard(self, frame: bytes, now: float, room: bool = True) -> list[Heard]:
        """What a frame means, after those that it made complete. What cannot be read means nothing.

        Without `room` input is not taken; the client sends it again.
        """
        try:
            message = decode(frame)
            if message.type == ACKNOWLEDGE:
                return self._acknowledged(handshake.acknowledged(message.payload), now)
        except Malformed:
            return []
        if message.type != INPUT:
            return []
        taken, in_order = self._receiver.take(message, room)
        if taken:
            self._acknowledge(message)
        return [heard for each in in_order for heard in self._meaning(each, now)]

    def _acknowledged(self, sequence: int, now: float) -> list[Heard]:
        self._sender.acknowledged(sequence, now)
        self._go_on(now)
        return list(self._begun()) if sequence == self._completed else []

    def _begun(self) -> Iterator[Heard]:
        """Once. Whoever types has the end of the handshake, too, should its acknowledgement be lost."""
        if self._completed is not None and not self.is_ready:
            self.is_ready = True
            yield Ready()

    def _meaning(self, message: AgentMessage, now: float) -> Iterator[Heard]:
        try:
            if message.payload_type == PayloadType.OUTPUT:
                yield from self._begun()
                yield Input(message.payload)
            elif message.payload_type == PayloadType.SIZE:
                yield from self._begun()
                yield Resized(*handshake.size(message.payload))
            elif message.payload_type == PayloadType.HANDSHAKE_RESPONSE and self._completed is None:
                yield from self._agreed(message.payload, now)
            elif message.payload_type == PayloadType.FLAG and int.from_bytes(message.payload, "big") == _TERMINATE:
                yield Terminated()
        except Malformed:
            return

    def _agreed(self, response: bytes, now: float) -> Iterator[Heard]:
        if (reason := handshake.objection(response)) is not None:
            yield Refused(reason)
            return
        self._completed = self._sender.next_sequence
        self._say(PayloadType.HANDSHAKE_COMPLETE, handshake.complete(now - (self._began or now)), now)

    def _go_on(self, now: float) -> None:
        while self._waiting and len(self._sender) < MOST_ON_THEIR_WAY:
            self._say(PayloadType.OUTPUT, bytes(self._waiting[:LARGEST_OUTPUT]), now)
            del self._waiting[:LARGEST_OUTPUT]

    def _say(self, kind: PayloadType, payload: bytes, now: float) -> None:
        sequence = self._sender.next_sequence
        frame = encode(
            AgentMessage(
                type=OUTPUT,
                sequence=sequence,
                created_at=self._epoch(),
                id=self._new_id(),
                payload=payload,
                payload_type=kind,
            )
        )
        self._sender.sent(frame, now)
        self._outgoing.append(frame)

    def _acknowledge(self, message: AgentMessage) -> None:
        payload = handshake.acknowledgement(message.type, str(message.id), message.sequence)
        self._outgoing.append(
            encode(
                AgentMessage(
                    type=ACKNOWLEDGE,
                    sequence=0,
                    created_at=self._epoch(),
                    id=self._new_id(),
                    payload=payload,
                    flags=Flags.SYN | Flags.FIN,
                )
            )
        )
