"""Where what a session shows is kept: nowhere, in CloudWatch Logs, or in S3, as the cluster says."""

import asyncio
import logging
from typing import Any

import pytest

from ecs.test_exec_sessions import ask, enabled, plane
from inprocess import Plane
from people import role, trust
from podium.ecs.records import ExecSession
from podium.journals.events import Stream
from podium.server.sessions import transcripts
from podium.server.sessions.transcripts import Transcripts

__all__ = ["plane"]


class Journals:
    """The hand's, with the way that lines of Podium's own go."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    async def call(self, work: Any) -> Any:
        return await self._plane.journals.call(work)

    async def write_lines(self, stream: Stream, lines: list[tuple[int, str]]) -> None:
        moment = int(self._plane.clock.time.timestamp() * 1000)
        await self.call(lambda journals: journals.events.append(stream, lines, moment).result())


def override(**where: str) -> dict[str, Any]:
    return {"logging": "OVERRIDE", "logConfiguration": where}


def configured(plane: Plane, configuration: dict[str, Any]) -> None:
    plane.ecs.update_cluster(cluster="default", configuration={"executeCommandConfiguration": configuration})


def kept(plane: Plane, *pieces: bytes, family: str = "shell") -> ExecSession:
    """A session that showed these pieces and is over."""
    ask(plane, enabled(plane, family))
    session = plane.records(ExecSession)[-1]
    held = Transcripts(plane.hands, Journals(plane), plane.clock, plane.ids)  # type: ignore[arg-type]

    async def lived() -> None:
        for piece in pieces:
            held.piece(session, piece)
        await held.over(session)

    asyncio.run(lived())
    return session


def lines(plane: Plane, group: str) -> list[tuple[str, str]]:
    told = plane.client("logs").filter_log_events(logGroupName=group)["events"]
    return [(event["logStreamName"], event["message"]) for event in told]


def test_a_cluster_s_own_group_and_bucket_have_the_session(plane):
    plane.client("logs").create_log_group(logGroupName="/exec")
    plane.client("s3").create_bucket(Bucket="sessions")
    configured(plane, override(cloudWatchLogGroupName="/exec", s3BucketName="sessions", s3KeyPrefix="by/day/"))
    session = kept(plane, b"$ ls\r\nbin  et", b"c\r\n$ \xff exit\r\n")
    assert lines(plane, "/exec") == [(session.id, line) for line in ("$ ls", "bin  etc", "$ � exit")]
    found = plane.client("s3").get_object(Bucket="sessions", Key=f"by/day/{session.id}.log")
    assert found["Body"].read() == b"$ ls\r\nbin  etc\r\n$ \xff exit\r\n"


def test_by_default_the_group_of_the_container_has_it(plane):
    plane.client("logs").create_log_group(logGroupName="/ecs/app")
    driver = {"com.amazonaws.ecs.capability.logging-driver.awslogs": "", "podium.sessions": "true",
              "com.amazonaws.ecs.capability.task-iam-role": ""}  # fmt: skip
    plane.join("default", instances=1, attributes=driver)
    options = {"awslogs-group": "/ecs/app", "awslogs-region": "us-east-1"}
    log = {"logDriver": "awslogs", "options": options}
    plane.define(
        "logs", {"name": "app", "logConfiguration": log}, taskRoleArn=role(plane, "r", trust("ecs-tasks.amazonaws.com"))
    )
    session = kept(plane, b"hello\n", family="logs")
    assert lines(plane, "/ecs/app") == [(session.id, "hello")]


@pytest.mark.parametrize("configuration", [{"logging": "NONE"}, {"logging": "DEFAULT"}])
def test_none_is_kept_where_nobody_says_so(plane, configuration, caplog):
    plane.client("logs").create_log_group(logGroupName="/exec")
    configured(plane, configuration)
    kept(plane, b"hello\n")
    assert lines(plane, "/exec") == []
    assert "not kept" not in caplog.text


def test_a_group_that_is_not_there_is_told_and_no_more(plane, caplog):
    configured(plane, override(cloudWatchLogGroupName="/none"))
    with caplog.at_level(logging.WARNING):
        kept(plane, b"secret\n")
    assert "session is not kept" in caplog.text
    assert "secret" not in caplog.text


def test_a_session_without_end_is_cut(plane, monkeypatch):
    monkeypatch.setattr(transcripts, "MOST_BYTES", 10)
    plane.client("logs").create_log_group(logGroupName="/exec")
    configured(plane, override(cloudWatchLogGroupName="/exec"))
    kept(plane, b"123456\n", b"123456\n", b"123456\n")
    told = [line for _, line in lines(plane, "/exec")]
    assert told == ["123456", "123456", transcripts.CUT.decode().strip()]
