"""One agent's channel without its socket."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from inprocess import BEGINNING
from podium.ecs.acs.session import Assignment, Session, numbers
from podium.runtime.dice import Dice
from podium.store.records import replace
from podium_protocol.envelope import Message

HEARTBEAT, MANIFEST, PAYLOAD = "HeartbeatMessage", "TaskManifestMessage", "PayloadMessage"


@pytest.fixture
def session() -> Session:
    return opened(numbers(1))


def opened(numbers: Any) -> Session:
    return Session("instance", "cluster", numbers, Dice(1))


def wanted(arn: str, desired: str = "RUNNING") -> Assignment:
    return Assignment(task_arn=arn, desired=desired, payload={"arn": arn, "desiredStatus": desired})  # type: ignore[typeddict-item]


def after(seconds: float) -> Any:
    return BEGINNING + timedelta(seconds=seconds)


def kinds(messages: Sequence[Message]) -> list[str]:
    return [m.type for m in messages]


def payloads(messages: Sequence[Message]) -> list[tuple[str, str]]:
    tasks = chain.from_iterable(m.body["tasks"] for m in messages if m.type == PAYLOAD)
    return [(t["arn"], t["desiredStatus"]) for t in tasks]


def test_a_session_begins_with_a_heartbeat_the_manifest_and_every_task(session: Session) -> None:
    said = session.opened([wanted("a"), wanted("b", "STOPPED")], BEGINNING)
    assert kinds(said) == [HEARTBEAT, MANIFEST, PAYLOAD, PAYLOAD]
    listed = [(t["taskArn"], t["desiredStatus"]) for t in said[1].body["tasks"]]
    assert listed == payloads(said) == [("a", "RUNNING"), ("b", "STOPPED")]
    assert all(m.body["containerInstanceArn"] == "instance" for m in said[1:])


def test_one_payload_carries_one_task(session: Session) -> None:
    said = session.assign([wanted("a"), wanted("b")], BEGINNING)
    assert [len(m.body["tasks"]) for m in said] == [1, 1]


def test_numbers_rise_within_a_session_over_sessions_and_over_epochs() -> None:
    seen: list[int] = []
    for epoch in (1, 2, 3):
        count = numbers(epoch)
        for session in (opened(count), opened(count)):
            for message in session.opened([wanted("a"), wanted("b")], BEGINNING):
                seen += [message.body[name] for name in ("timeline", "seqNum") if name in message.body]
    assert seen == sorted(set(seen))


def test_what_was_told_is_not_told_again(session: Session) -> None:
    session.opened([wanted("a")], BEGINNING)
    assert session.assign([wanted("a")], after(1)) == []


def test_a_task_that_is_to_stop_is_told_so_once(session: Session) -> None:
    session.opened([wanted("a")], BEGINNING)
    assert payloads(session.assign([wanted("a", "STOPPED")], after(1))) == [("a", "STOPPED")]
    assert session.assign([wanted("a", "STOPPED")], after(2)) == []


def test_what_nobody_acknowledges_is_sent_again_every_half_minute(session: Session) -> None:
    [sent] = session.assign([wanted("a")], BEGINNING)
    assert payloads(session.tick(after(29))) == []
    assert [m for m in session.tick(after(30)) if m.type == PAYLOAD] == [sent]
    assert payloads(session.tick(after(59))) == []
    assert payloads(session.tick(after(60))) == [("a", "RUNNING")]


def test_what_was_acknowledged_is_not_sent_again(session: Session) -> None:
    [sent] = session.assign([wanted("a")], BEGINNING)
    session.acknowledged({"messageId": sent.body["messageId"]})
    assert payloads(session.tick(after(3600))) == []


def test_a_report_about_the_task_is_as_good_as_an_acknowledgement(session: Session) -> None:
    session.assign([wanted("a"), wanted("b")], BEGINNING)
    assert session.assign([replace(wanted("a"), reported=True)], after(1)) == []
    assert payloads(session.tick(after(60))) == [("b", "RUNNING")]


def test_a_report_from_before_the_stop_does_not_acknowledge_the_stop(session: Session) -> None:
    session.assign([wanted("a")], BEGINNING)
    session.assign([replace(wanted("a", "STOPPED"), reported=True)], after(1))
    assert payloads(session.tick(after(60))) == [("a", "STOPPED")]


def test_an_acknowledgement_of_nothing_we_sent_is_passed_over(session: Session) -> None:
    session.assign([wanted("a")], BEGINNING)
    session.acknowledged({"messageId": "?"})
    session.acknowledged({})
    assert payloads(session.tick(after(30))) == [("a", "RUNNING")]


def test_a_stop_takes_the_place_of_the_start_nobody_acknowledged(session: Session) -> None:
    session.assign([wanted("a")], BEGINNING)
    session.assign([wanted("a", "STOPPED")], after(1))
    assert payloads(session.tick(after(60))) == [("a", "STOPPED")]


def test_a_task_that_is_over_is_not_sent_again(session: Session) -> None:
    session.assign([wanted("a")], BEGINNING)
    assert session.assign([Assignment(task_arn="a")], after(1)) == []
    assert payloads(session.tick(after(60))) == []


def acknowledge_manifest(session: Session, said: Sequence[Message]) -> None:
    [manifest] = [m for m in said if m.type == MANIFEST]
    session.acknowledged({"messageId": manifest.body["messageId"]})


def test_a_manifest_that_nobody_has_acknowledged_is_written_anew_with_what_should_be_there_by_then(
    session: Session,
) -> None:
    """The agent has dropped it, as it does with one that a payload has overtaken."""
    [_, first, _] = session.opened([wanted("a")], BEGINNING)
    session.assign([wanted("a", "STOPPED"), wanted("b")], after(1))
    assert MANIFEST not in kinds(session.tick(after(29)))
    [second] = [m for m in session.tick(after(30)) if m.type == MANIFEST]
    assert [(t["taskArn"], t["desiredStatus"]) for t in second.body["tasks"]] == [("a", "STOPPED"), ("b", "RUNNING")]
    assert second.body["timeline"] > first.body["timeline"]
    session.acknowledged({"messageId": first.body["messageId"]})
    [third] = [m for m in session.tick(after(60)) if m.type == MANIFEST]
    session.acknowledged({"messageId": third.body["messageId"]})
    assert MANIFEST not in kinds(session.tick(after(3600)))


def test_heartbeats_come_every_25_seconds(session: Session) -> None:
    acknowledge_manifest(session, session.opened([], BEGINNING))
    assert kinds(session.tick(after(24))) == []
    assert kinds(session.tick(after(25))) == [HEARTBEAT]
    assert kinds(session.tick(after(49))) == []
    assert kinds(session.tick(after(50))) == [HEARTBEAT]


def test_a_link_is_dead_after_four_heartbeats_without_an_answer(session: Session) -> None:
    session.opened([], BEGINNING)
    for n in range(1, 4):
        assert not session.dead
        session.tick(after(25 * n))
    assert session.dead


def test_an_answer_keeps_a_link_alive(session: Session) -> None:
    session.opened([], BEGINNING)
    for n in range(1, 100):
        session.tick(after(25 * n))
        session.heartbeat_answered()
        assert not session.dead


def test_verified_stops_echo_the_manifest_they_are_about(session: Session) -> None:
    [answer] = session.verified("m1", ["a", "b"], BEGINNING)
    assert answer.type == "TaskStopVerificationAck"
    assert answer.body["messageId"] == "m1"
    assert [t["taskArn"] for t in answer.body["stopTasks"]] == ["a", "b"]
    assert {t["desiredStatus"] for t in answer.body["stopTasks"]} == {"STOPPED"}


def test_times_are_milliseconds_since_1970(session: Session) -> None:
    [sent] = session.assign([wanted("a")], BEGINNING)
    assert sent.body["generatedAt"] == int(BEGINNING.timestamp() * 1000)
