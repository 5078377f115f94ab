"""Live Tail of a real server: what comes into groups is told every second, to whoever may see it."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

from podium.logs.operations import tailing
from server.server_process import Server, running
from waiting import until

HOME = "arn:aws:logs:us-east-1:123456789012:log-group"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place = tmp_path_factory.mktemp("tail")
    with running(place / "data", log=place / "log") as server:
        yield server


def client(server: Server, **keys: str) -> Any:
    """As `podium env` has clients find it: no host is made up for streams."""
    held = server.keys["root"]
    given = keys or {"aws_access_key_id": held["accessKeyId"], "aws_secret_access_key": held["secretAccessKey"]}
    config = Config(inject_host_prefix=False, retries={"total_max_attempts": 1})
    return boto3.client("logs", region_name="us-east-1", endpoint_url=server.url, config=config, **given)


class Tail:
    """A session, read by a thread of its own."""

    def __init__(self, logs: Any, **asked: Any) -> None:
        self.answer = logs.start_live_tail(**asked)
        self.events: list[dict[str, Any]] = []
        self.ended: BaseException | str | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        until(lambda: self.events, "the session to start")

    def _read(self) -> None:
        try:
            for event in self.answer["responseStream"]:
                self.events.append(event)
            self.ended = "ended"
        except (EventStreamError, OSError, ValueError, AttributeError) as error:
            self.ended = error
        except Exception as error:
            self.ended = error

    def found(self) -> list[dict[str, Any]]:
        return [one for event in list(self.events) for one in event.get("sessionUpdate", {}).get("sessionResults", [])]

    def said(self) -> list[str]:
        return [one["message"] for one in self.found()]

    def close(self) -> None:
        self.answer["responseStream"].close()


def group(logs: Any, name: str, *streams: str) -> str:
    logs.create_log_group(logGroupName=name)
    for stream in streams:
        logs.create_log_stream(logGroupName=name, logStreamName=stream)
    return f"{HOME}:{name}"


def put(logs: Any, name: str, stream: str, *lines: str) -> None:
    now = int(time.time() * 1000)
    logs.put_log_events(
        logGroupName=name, logStreamName=stream, logEvents=[{"timestamp": now, "message": line} for line in lines]
    )


def test_what_comes_is_told_and_what_was_there_is_not(server: Server) -> None:
    logs = client(server)
    arn = group(logs, "/tail", "a", "b")
    put(logs, "/tail", "a", "before")
    tail = Tail(logs, logGroupIdentifiers=[arn], logEventFilterPattern="-quiet")
    start = tail.events[0]["sessionStart"]
    assert (start["logGroupIdentifiers"], start["logEventFilterPattern"]) == ([arn], "-quiet")
    assert start["requestId"] == tail.answer["ResponseMetadata"]["RequestId"]
    put(logs, "/tail", "a", "one", "a quiet one")
    put(logs, "/tail", "b", "two")
    logs.create_log_stream(logGroupName="/tail", logStreamName="new")
    put(logs, "/tail", "new", "three")
    until(lambda: len(tail.said()) == 3, "three events")
    first, second, third = tail.found()
    assert (first["message"], first["logStreamName"], first["logGroupIdentifier"]) == ("one", "a", "123456789012:/tail")
    assert [second["logStreamName"], third["logStreamName"]] == ["b", "new"]
    assert abs(first["ingestionTime"] - time.time() * 1000) < 60_000
    assert not any(event["sessionUpdate"]["sessionMetadata"]["sampled"] for event in tail.events[1:])
    tail.close()


def test_streams_are_chosen_by_name_or_by_how_they_begin(server: Server) -> None:
    logs = client(server)
    arn = group(logs, "/chosen", "web/1", "web/2", "db/1")
    by_prefix = Tail(logs, logGroupIdentifiers=[arn], logStreamNamePrefixes=["web/"])
    by_name = Tail(logs, logGroupIdentifiers=[arn], logStreamNames=["db/1"])
    for stream in ("db/1", "web/1", "web/2"):
        put(logs, "/chosen", stream, stream)
    until(lambda: by_prefix.said() == ["web/1", "web/2"], "those of web")
    until(lambda: by_name.said() == ["db/1"], "that of db")
    by_prefix.close()
    by_name.close()


def test_of_a_flood_a_part_is_told_and_it_is_said(server: Server) -> None:
    logs = client(server)
    arn = group(logs, "/flood", "a")
    tail = Tail(logs, logGroupIdentifiers=[arn])
    put(logs, "/flood", "a", *(f"line {n}" for n in range(tailing.MOST_SHOWN + 100)))
    until(tail.said, "the flood")
    put(logs, "/flood", "a", "after")
    until(lambda: "after" in tail.said(), "what came after")
    assert tail.said() == [*(f"line {n}" for n in range(tailing.MOST_SHOWN)), "after"]
    assert any(event["sessionUpdate"]["sessionMetadata"]["sampled"] for event in tail.events[1:])
    tail.close()


def test_what_cannot_be_is_refused_before_it_begins(server: Server) -> None:
    logs = client(server)
    one, other = group(logs, "/one"), group(logs, "/other")

    def refused(code: str, **asked: Any) -> None:
        with pytest.raises(ClientError) as error:
            logs.start_live_tail(**asked)
        assert error.value.response["Error"]["Code"] == code

    refused("ResourceNotFoundException", logGroupIdentifiers=[f"{HOME}:ghost"])
    refused("InvalidParameterException", logGroupIdentifiers=[one, other], logStreamNames=["a"])
    refused("InvalidParameterException", logGroupIdentifiers=[one], logStreamNames=["a"], logStreamNamePrefixes=["b"])
    refused("InvalidParameterException", logGroupIdentifiers=[one], logEventFilterPattern="{ $.a")


def test_who_may_not_see_a_group_may_not_follow_it(server: Server) -> None:
    logs, iam = client(server), server.client("iam")
    mine, other = group(logs, "/mine"), group(logs, "/others")
    iam.create_user(UserName="ann")
    allow = {"Effect": "Allow", "Action": "logs:StartLiveTail", "Resource": f"{mine}:*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    ann = client(server, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    Tail(ann, logGroupIdentifiers=[mine]).close()
    with pytest.raises(ClientError) as error:
        ann.start_live_tail(logGroupIdentifiers=[mine, other])
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"


def test_so_many_at_once_and_no_more_until_one_has_ended(server: Server) -> None:
    logs = client(server)
    arn = group(logs, "/many")
    open_ones: list[Tail] = []

    def one_more() -> bool:
        try:
            open_ones.append(Tail(logs, logGroupIdentifiers=[arn]))
        except ClientError as error:
            return bool(error.response["Error"]["Code"] != "LimitExceededException")
        return True

    while one_more():
        assert len(open_ones) <= 15
    open_ones.pop().close()
    until(one_more, "room for one", every=0.2)
    for tail in open_ones:
        tail.close()


def test_a_server_that_ends_ends_them(tmp_path: Path) -> None:
    with running(tmp_path / "data", log=tmp_path / "log") as server:
        logs = client(server)
        tail = Tail(logs, logGroupIdentifiers=[group(logs, "/end")])
        assert server.end() == 0
        until(lambda: tail.ended is not None, "the end to be seen")
    assert "Traceback" not in (tmp_path / "log").read_text()
