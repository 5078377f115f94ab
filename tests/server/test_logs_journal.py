"""Log events on a real server: kept over a kill, found with the aws CLI, followed, swept up, forgotten by a reset."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError

from clients.test_aws_cli import Cli
from inprocess import Plane
from logs.streams import GROUP
from podium.journals.events import Range, Stream
from podium.logs import lines
from podium.logs.records import LogGroup
from podium.server.journals import ServerJournals
from podium.server.retention import LogRetention
from server.server_process import refused, running

pytestmark = pytest.mark.timeout(120)
WRITERS = 4


def now() -> int:
    return int(time.time() * 1000)


def made(logs: Any, *streams: str) -> None:
    logs.create_log_group(logGroupName=GROUP)
    for stream in streams:
        logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)


def put(logs: Any, stream: str, *messages: str) -> None:
    events = [{"timestamp": now(), "message": message} for message in messages]
    logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)


def found(logs: Any, **asked: Any) -> list[str]:
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP, **asked)
    return [event["message"] for page in pages for event in page["events"]]


def test_a_kill_in_the_middle_of_puts_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    acknowledged: dict[str, int] = defaultdict(int)

    def write(logs: Any, stream: str) -> None:
        """Until the server is gone."""
        while True:
            try:
                put(logs, stream, str(acknowledged[stream]))
            except BotoCoreError:
                return
            acknowledged[stream] += 1
            if acknowledged[stream] == 20 and stream == "0":
                server.process.kill()

    streams = [str(number) for number in range(WRITERS)]
    with running(tmp_path / "data") as server, ThreadPoolExecutor(WRITERS) as threads:
        made(server.client("logs"), *streams)
        list(threads.map(lambda stream: write(server.client("logs"), stream), streams))
    with running(tmp_path / "data") as server:
        logs = server.client("logs")
        for stream in streams:
            kept = [int(message) for message in found(logs, logStreamNames=[stream])]
            assert kept == list(range(len(kept)))
            assert len(kept) in (acknowledged[stream], acknowledged[stream] + 1)
        put(logs, "0", "after")
        assert found(logs, filterPattern="after") == ["after"]


def test_what_the_aws_cli_puts_it_finds(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        cli, stream = Cli(server), ["--log-group-name", GROUP, "--log-stream-name", "a"]
        made(server.client("logs"), "a")
        events = [f"timestamp={now()},message=one", f"timestamp={now()},message=two"]
        assert len(cli.run("logs", "put-log-events", *stream, "--log-events", *events)["nextSequenceToken"]) == 56
        got = cli.run("logs", "filter-log-events", "--log-group-name", GROUP, "--filter-pattern", "?two ?three")
        assert [event["message"] for event in got["events"]] == ["two"]


def test_events_are_followed_as_they_come(tmp_path: Path) -> None:
    """As `aws logs tail --follow` does: from the last moment on, by the ids of events."""

    def followed(logs: Any) -> Iterator[str]:
        since, seen = 0, set[str]()
        while True:
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP, startTime=since):
                for event in page["events"]:
                    since = max(since, event["timestamp"])
                    if event["eventId"] not in seen:
                        seen.add(event["eventId"])
                        yield event["message"]

    with running(tmp_path / "data") as server:
        logs = server.client("logs")
        made(logs, "a", "b")
        put(logs, "a", "1", "2")
        following = followed(server.client("logs"))
        assert [next(following) for _ in range(2)] == ["1", "2"]
        put(logs, "b", "3")
        put(logs, "a", "4")
        assert [next(following) for _ in range(2)] == ["3", "4"]


def test_a_reset_forgets_log_events(tmp_path: Path) -> None:
    with running(tmp_path / "data", "--allow-reset") as server:
        logs = server.client("logs")
        made(logs, "a")
        put(logs, "a", "old")
        query = logs.start_query(logGroupName=GROUP, queryString="fields a", startTime=0, endTime=now() // 1000)
        assert server.post("/_podium/reset", b"", server.signed("POST", "/_podium/reset"))[0] == 200
        with pytest.raises(logs.exceptions.ResourceNotFoundException):
            logs.get_query_results(queryId=query["queryId"])
        made(logs, "a")
        assert found(logs) == []


def test_what_is_old_or_without_a_stream_is_swept_up(tmp_path: Path, plane: Plane) -> None:
    """Also what a kill left between the end of a stream and the end of its events."""
    plane.client("logs").create_log_group(logGroupName=GROUP)
    plane.client("logs").put_retention_policy(logGroupName=GROUP, retentionInDays=1)
    [home] = {group.home for group in plane.records(LogGroup)}
    mine = plane.write(lambda tx: lines.made(tx, home, GROUP, "a", plane.ids, plane.clock.now()))
    assert mine is not None
    moment = int(plane.clock.now().timestamp() * 1000)
    journals = ServerJournals(tmp_path, plane.clock, None)
    journals.start()

    async def swept() -> list[str]:
        await journals.write_lines(mine, [(moment - 2 * 86_400_000, "old"), (moment, "new")])
        await journals.write_lines(Stream(mine.group, "gone"), [(moment, "of nobody")])
        await LogRetention(plane.hands, plane.clock, journals).forget_old()  # type: ignore[arg-type]
        left = await journals.call(lambda kept: list(kept.events.read(Range(mine.group))))
        return [event.message for event in left]

    try:
        assert asyncio.run(swept()) == ["new"]
    finally:
        journals.close()


def test_a_file_that_holds_no_events_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "logs.db").write_text("a diary " * 1000)
    assert "logs.db cannot be opened for log events" in refused(tmp_path / "data")
