"""Events are put into streams, and read from them page by page."""

import pytest

from inprocess import Plane, refused
from logs.streams import DAY, GROUP, Streams, messages

HOUR = 3_600_000


def test_what_was_put_is_got(web: Streams) -> None:
    told = web.put("a", (-2, "one"), (-1, "two"))
    assert told.keys() - {"ResponseMetadata"} == {"nextSequenceToken"}
    assert len(told["nextSequenceToken"]) == 56
    web.put("b", (-1, "other"))
    got = web.get("a")
    now = web.now
    assert got["events"] == [
        {"timestamp": now - 2, "message": "one", "ingestionTime": now},
        {"timestamp": now - 1, "message": "two", "ingestionTime": now},
    ]


def test_events_of_one_moment_stay_in_the_order_in_which_they_came(web: Streams) -> None:
    web.put("a", (0, "1"), (0, "2"))
    web.put("a", (-5, "0"), (0, "3"), sequenceToken="whatever")
    assert messages(web.get("a")) == ["0", "1", "2", "3"]


def test_a_stream_is_read_from_its_head_to_the_end_and_on(web: Streams) -> None:
    web.put("a", *((n, str(n)) for n in range(5)))
    first = web.get("a", startFromHead=True, limit=3)
    assert messages(first) == ["0", "1", "2"]
    second = web.get("a", startFromHead=True, limit=3, nextToken=first["nextForwardToken"])
    assert messages(second) == ["3", "4"]
    end = web.get("a", startFromHead=True, limit=3, nextToken=second["nextForwardToken"])
    assert messages(end) == []
    assert end["nextForwardToken"] == second["nextForwardToken"]
    assert messages(web.get("a", nextToken=end["nextBackwardToken"], limit=2)) == ["3", "4"]
    web.put("a", (9, "later"))
    assert messages(web.get("a", startFromHead=True, nextToken=end["nextForwardToken"])) == ["later"]


def test_a_stream_is_read_from_its_end_back_to_the_head(web: Streams) -> None:
    web.put("a", *((n, str(n)) for n in range(5)))
    first = web.get("a", limit=3)
    assert messages(first) == ["2", "3", "4"]
    second = web.get("a", limit=3, nextToken=first["nextBackwardToken"])
    assert messages(second) == ["0", "1"]
    end = web.get("a", limit=3, nextToken=second["nextBackwardToken"])
    assert (messages(end), end["nextBackwardToken"]) == ([], second["nextBackwardToken"])
    assert messages(web.get("a", limit=1, nextToken=end["nextForwardToken"])) == ["0"]


def test_tokens_come_even_from_a_stream_that_is_empty(web: Streams) -> None:
    got = web.get("a")
    assert got["nextForwardToken"].startswith("f/")
    assert got["nextBackwardToken"].startswith("b/")
    web.put("a", (0, "first"))
    assert messages(web.get("a", nextToken=got["nextForwardToken"])) == ["first"]
    with refused("InvalidParameterException", "The specified nextToken is invalid."):
        web.get("a", nextToken="f/1/s")


def test_a_range_has_its_start_and_not_its_end(web: Streams) -> None:
    web.put("a", *((n, str(n)) for n in range(5)))
    assert messages(web.get("a", startTime=web.now + 1, endTime=web.now + 3)) == ["1", "2"]
    assert messages(web.get("a", endTime=2**63 - 1)) == ["0", "1", "2", "3", "4"]


def test_a_page_is_no_larger_than_a_megabyte(web: Streams) -> None:
    for at in range(3):
        web.put("a", (at, str(at) * 500_000))
    first = web.get("a", startFromHead=True)
    assert [message[0] for message in messages(first)] == ["0", "1"]
    assert messages(web.get("a", startFromHead=True, nextToken=first["nextForwardToken"])) == ["2" * 500_000]


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ([(1, "a"), (0, "b")], "Log events in a single PutLogEvents request must be in chronological order."),
        (
            [(-DAY, "a"), (1, "b")],
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ),
        ([(0, "ä" * 2**19)], f"Upload too large: {2**20 + 26} bytes exceeds limit of {2**20}"),
        ([(0, "")], None),
        ([], None),
        ([(0, "a")] * 10_001, None),
    ],
)
def test_a_batch_that_breaks_a_rule_is_refused_as_a_whole(
    web: Streams, events: list[tuple[int, str]], sentence: str | None
) -> None:
    with refused("InvalidParameterException", sentence):
        web.put("a", *events)
    assert messages(web.get("a")) == []


def test_events_that_are_too_old_or_too_new_are_left_out(web: Streams) -> None:
    told = web.put("a", (-15 * DAY, "old"), (0, "now"), (2 * HOUR, "soon"), (2 * HOUR + 1, "never"))
    assert told["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 3}
    web.logs.put_retention_policy(logGroupName=GROUP, retentionInDays=1)
    told = web.put("a", (-2 * DAY, "expired"), (-DAY, "kept"))
    assert told["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    told = web.put("a", (-20 * DAY, "old"))
    assert told["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 1}
    assert messages(web.get("a")) == ["kept", "now", "soon"]


def test_what_has_expired_is_not_shown(web: Streams) -> None:
    web.put("a", (0, "old"))
    web.plane.advance(2 * 86_400)
    web.put("a", (0, "new"))
    assert messages(web.get("a")) == ["old", "new"]
    web.logs.put_retention_policy(logGroupName=GROUP, retentionInDays=1)
    assert messages(web.get("a")) == ["new"]
    assert messages(web.get("a", startTime=0)) == ["new"]


def test_whatever_is_not_there_is_said_so(web: Streams) -> None:
    with refused("ResourceNotFoundException", "The specified log stream does not exist."):
        web.put("ghost", (0, "a"))
    with refused("ResourceNotFoundException", "The specified log group does not exist."):
        web.logs.get_log_events(logGroupName="ghost", logStreamName="a")
    with refused("InvalidParameterException"):
        web.logs.get_log_events(logStreamName="a")


def test_a_stream_made_anew_has_no_events_of_before(web: Streams) -> None:
    web.put("a", (0, "old"))
    web.logs.delete_log_stream(logGroupName=GROUP, logStreamName="a")
    web.stream("a")
    assert messages(web.get("a")) == []
    web.put("a", (0, "new"))
    assert messages(web.get("a")) == ["new"]


def test_a_group_made_anew_has_no_events_of_before(plane: Plane, web: Streams) -> None:
    web.put("a", (0, "old"))
    web.logs.delete_log_group(logGroupName=GROUP)
    again = Streams(plane)
    again.stream("a")
    assert messages(again.get("a")) == []
    [shown] = again.logs.describe_log_groups()["logGroups"]
    assert shown["storedBytes"] == 0


def test_groups_and_streams_tell_what_is_in_them(web: Streams) -> None:
    web.put("a", (-3, "four"), (-1, "ä"))
    web.plane.advance(60)
    web.put("a", (-10, "x"))
    [group] = web.logs.describe_log_groups()["logGroups"]
    assert group["storedBytes"] == 3 * 26 + 4 + 2 + 1
    with_events, without = web.logs.describe_log_streams(logGroupName=GROUP)["logStreams"]
    assert with_events["firstEventTimestamp"] == web.now - 60_003
    assert with_events["lastEventTimestamp"] == web.now - 10
    assert with_events["lastIngestionTime"] == web.now
    assert "firstEventTimestamp" not in without


def test_streams_come_in_the_order_of_their_last_events(web: Streams) -> None:
    web.stream("c")
    web.put("b", (0, "x"))
    web.put("a", (1, "x"))
    asked = {"logGroupName": GROUP, "orderBy": "LastEventTime", "descending": True, "limit": 2}
    first = web.logs.describe_log_streams(**asked)
    second = web.logs.describe_log_streams(**asked, nextToken=first["nextToken"])
    found = [stream["logStreamName"] for page in (first, second) for stream in page["logStreams"]]
    assert found == ["a", "b", "c"]
