"""The data channel on a line that loses, doubles and reorders, and against frames that nobody sane would send."""

import json
import random
from collections.abc import Iterator
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium_protocol import Malformed
from podium_protocol.datachannel import Channel, Input, Opening, Ready, Resized, Terminated, opening
from podium_protocol.datachannel.messages import AgentMessage, decode, encode
from podium_protocol.datachannel.windows import Sender
from protocol.plugin import TICK, Plugin, pack, unpack

TYPES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=32)
messages = st.builds(
    AgentMessage,
    type=TYPES,
    sequence=st.integers(-(2**63), 2**63 - 1),
    created_at=st.integers(1, 2**64 - 1),
    id=st.uuids(),
    payload=st.binary(max_size=300),
    payload_type=st.integers(0, 2**32 - 1),
    flags=st.integers(0, 2**64 - 1),
)


class Line:
    """Both ends and the wire between them, in simulated time. The wire does its worst by chance, from a seed."""

    def __init__(self, seed: int, worst: float) -> None:
        self.now, self._chance, self._worst = 1000.0, random.Random(seed), worst
        self.plugin, self.heard = Plugin(), list[object]()
        self.channel = Channel("ecs-execute-command-0123456789abcdefg", "sh", lambda: 1_700_000_000_000)
        self._flying: list[tuple[float, bool, bytes]] = []
        self.channel.opened(self.now)

    @property
    def keys(self) -> bytes:
        return b"".join(event.data for event in self.heard if isinstance(event, Input))

    def runs(self, seconds: float) -> Iterator[float]:
        """Every moment of that time, a hundredth of a second after the other."""
        end = self.now + seconds
        while self.now < end:
            self.now += 0.01
            if int(self.now * 100) % int(TICK * 100) == 0:
                self.plugin.tick(self.now)
            self.channel.tick(self.now)
            self._throw()
            self._land()
            yield self.now

    def reconnects(self) -> None:
        """What was on the wire is lost."""
        self._flying = []
        self.channel.opened(self.now)

    def _throw(self) -> None:
        sent, self.plugin.outbox = self.plugin.outbox, []
        for up, frames in ((False, self.channel.frames()), (True, sent)):
            for frame in frames:
                for _ in range(self._copies()):
                    delay = 0.01 + self._chance.random() * 0.3 * (self._chance.random() < self._worst)
                    self._flying.append((self.now + delay, up, frame))

    def _copies(self) -> int:
        if self._chance.random() >= self._worst:
            return 1
        return self._chance.choice((0, 0, 2, 3))

    def _land(self) -> None:
        landed = sorted((f for f in self._flying if f[0] <= self.now), key=lambda f: f[0])
        self._flying = [f for f in self._flying if f[0] > self.now]
        for _, up, frame in landed:
            if up:
                self.heard += self.channel.heard(frame, self.now)
            else:
                self.plugin.hears(frame, self.now)


@given(messages)
def test_a_message_survives_its_frame(message: AgentMessage) -> None:
    assert decode(encode(message)) == message


@given(st.uuids(), st.integers(0, 2**40), st.binary(max_size=50))
def test_frames_are_laid_out_as_the_plugin_reads_them(identity: UUID, sequence: int, payload: bytes) -> None:
    message = AgentMessage(type="output_stream_data", sequence=sequence, created_at=1, id=identity, payload=payload)
    read = unpack(encode(message))
    assert (read.kind, read.sequence, read.id, read.payload) == (message.type, sequence, str(identity), payload)
    assert decode(pack("acknowledge", sequence, 3, 0, payload)).payload == payload


hostile = st.one_of(
    st.binary(max_size=400),
    st.builds(
        lambda m, at, to: encode(m)[:at] + to + encode(m)[at + len(to) :], messages, st.integers(0, 150), st.binary()
    ),
    st.builds(
        lambda kind, sequence, sort, payload: pack(kind, sequence, 0, sort, payload),
        st.sampled_from(["input_stream_data", "acknowledge", "channel_closed", "zzz"]),
        st.integers(-3, 5),
        st.integers(0, 13),
        st.one_of(
            st.binary(max_size=60),
            st.recursive(
                st.none() | st.text() | st.integers(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
            ).map(lambda value: json.dumps(value).encode()),
            st.sampled_from([b'{"cols": 70000, "rows": -1}', b'{"ProcessedClientActions": [null, 3]}', b"[" * 5000]),
        ),
    ),
)


@given(st.lists(hostile, max_size=8))
@settings(max_examples=200)
def test_no_frame_breaks_a_channel(frames: list[bytes]) -> None:
    line = Line(0, 0.0)
    for frame in frames:
        for event in line.channel.heard(frame, line.now):
            assert not isinstance(event, Resized) or 0 < event.columns < 65536 > event.rows > 0


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_what_is_no_opening_is_told_apart(frame: bytes | str) -> None:
    with pytest.raises(Malformed):
        opening(frame)


def test_an_opening_shows_no_token_to_who_prints_it() -> None:
    read = opening(Plugin(token="s3cr3t").opening())
    assert read == Opening(token="s3cr3t", client_id=read.client_id, client_version="1.2.0.0")
    assert "s3cr3t" not in repr(read)


@given(
    seed=st.integers(0, 2**32),
    worst=st.sampled_from([0.0, 0.1, 0.4]),
    typed=st.lists(st.binary(min_size=1, max_size=1024), max_size=12),
    written=st.lists(st.binary(min_size=1, max_size=5000), max_size=12),
    cut=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_every_byte_arrives_once_and_in_order(
    seed: int, worst: float, typed: list[bytes], written: list[bytes], cut: bool
) -> None:
    """Output begins the very moment the session may, when the plugin still passes over it."""
    line, keys, output = Line(seed, worst), list(typed), list(written)
    for _ in line.runs(90.0):
        if line.channel.is_ready and output:
            line.channel.output(output.pop(0), line.now)
        if line.plugin.has_handler and keys:
            line.plugin.types(keys.pop(0))
            if cut and len(keys) == 1:
                line.reconnects()
        has_typed = not keys and line.plugin.has_handler and line.plugin.is_quiet and Resized(80, 24) in line.heard
        if has_typed and not output and len(line.plugin.shown) == sum(map(len, written)):
            break
    assert line.plugin.session_type == "InteractiveCommands"
    assert line.plugin.shown == b"".join(written)
    assert line.keys == b"".join(b"\r" if keys == b"\n" else keys for keys in typed)
    assert [event for event in line.heard if isinstance(event, Ready)] == [Ready()]


def test_output_that_comes_before_the_handler_is_sent_again() -> None:
    line = Line(0, 0.0)
    for _ in line.runs(2.0):
        if line.channel.is_ready and not line.plugin.has_handler and line.channel.has_room and not line.plugin.shown:
            line.channel.output(b"$ ", line.now)
            break
    assert not line.plugin.has_handler
    for _ in line.runs(2.0):
        if line.channel.has_told_all:
            break
    assert line.plugin.shown == b"$ "


def test_a_lost_acknowledgement_is_not_waited_for_once_a_later_one_came() -> None:
    sender = Sender()
    sender.sent(b"first", 0.0)
    sender.sent(b"second", 0.0)
    sender.acknowledged(1, 0.1)
    sent = [frame for second in range(1, 40) for frame in sender.due(float(second))]
    assert sent == [b"first"] * 19
    assert len(sender) == 0


def test_what_finds_no_room_is_taken_when_it_comes_again() -> None:
    line = Line(0, 0.0)
    frame = pack("input_stream_data", 0, 0, 1, b"x")
    line.channel.frames()
    assert line.channel.heard(frame, line.now, room=False) == []
    assert line.channel.frames() == []
    assert line.channel.heard(frame, line.now) == [Input(b"x")]
    assert line.channel.heard(frame, line.now) == []
    assert len(line.channel.frames()) == 2, "the second copy is acknowledged again"


def test_the_end_says_which_session_it_was() -> None:
    line = Line(0, 0.0)
    for _ in line.runs(1.0):
        pass
    line.plugin.terminates()
    line.channel.closed("It was ended.")
    for _ in line.runs(1.0):
        pass
    assert line.heard[-1] == Terminated()
    assert line.plugin.farewell is not None
    told = {name: line.plugin.farewell[name] for name in ("MessageType", "SchemaVersion", "Output", "SessionId")}
    assert told == {
        "MessageType": "channel_closed",
        "SchemaVersion": 1,
        "Output": "It was ended.",
        "SessionId": "ecs-execute-command-0123456789abcdefg",
    }
