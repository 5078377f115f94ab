"""Frames of both channels survive the way there and back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_protocol import Malformed, Message, acs, decode, encode, sign_frame, tcs, upgrades

members = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
messages = st.builds(
    lambda name, body: Message(type=name, body=body),
    st.text(min_size=1),
    st.dictionaries(st.text(), members, max_size=4),
)


@given(messages)
def test_a_message_is_read_as_it_was_written(message):
    assert decode(encode(message)) == message


@given(messages)
def test_the_header_lines_of_a_signed_frame_are_cut_off(message):
    frame = sign_frame({"Authorization": "AWS4-HMAC-SHA256 …", "Host": "127.0.0.1:4566"}, encode(message))
    assert decode(frame) == message
    assert decode(frame.encode()) == message


def test_members_without_a_value_are_not_sent():
    frame = encode(Message(type="X", body={"a": None, "b": [{"c": None, "d": 1}]}))
    assert json.loads(frame) == {"type": "X", "message": {"b": [{"d": 1}]}}


def test_unknown_types_and_members_pass_through():
    assert decode('{"type":"Tomorrow","message":{"x":1},"extra":2}') == Message(type="Tomorrow", body={"x": 1})


@pytest.mark.parametrize("frame", ["", "hello", "[]", '{"message":{}}', '{"type":"X","message":[]}', "A: b\r\n\r\n"])
def test_a_frame_without_an_envelope_is_malformed(frame):
    with pytest.raises(Malformed):
        decode(frame)


def test_every_publish_has_its_acknowledgement():
    assert tcs.acknowledgement(tcs.publish_health({})).type == "AckPublishHealth"
    assert tcs.acknowledgement(tcs.publish_metrics({})).type == "AckPublishMetric"
    assert tcs.acknowledgement(acs.heartbeat({})) is None


@given(
    st.builds(
        upgrades.Opening,
        cluster=st.text(min_size=1),
        container_instance_arn=st.text(min_size=1),
        docker_version=st.text().filter(lambda v: not v.startswith("DockerVersion: ")),
        send_credentials=st.booleans(),
    )
)
def test_an_upgrade_tells_who_opens_the_channel(opening):
    assert upgrades.parse_opening(upgrades.acs_query(opening)) == opening
    told = upgrades.parse_opening(upgrades.tcs_query(opening))
    assert (told.cluster, told.container_instance_arn) == (opening.cluster, opening.container_instance_arn)


def test_a_channel_is_dialed_below_its_endpoint():
    assert upgrades.websocket_url("http://127.0.0.1:4566", "a=b") == "ws://127.0.0.1:4566/ws?a=b"
    assert upgrades.websocket_url("https://host/acs/", "a=b") == "wss://host/acs/ws?a=b"


def test_a_refusal_for_good_is_recognized():
    assert upgrades.is_inactive(upgrades.refusal(upgrades.INACTIVE_INSTANCE, "Container instance is inactive."))
    assert not upgrades.is_inactive(upgrades.refusal("ServerException", "Try again."))
