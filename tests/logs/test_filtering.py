"""FilterLogEvents looks through streams together; patterns say what it finds, and what subscriptions would be sent."""

import json
from typing import Any

import pytest

from inprocess import refused
from logs.streams import GROUP, Streams, messages
from podium.logs import reading

FIREHOSE = "arn:aws:firehose:us-east-1:123456789012:deliverystream/s"


def everything(web: Streams, pattern: str = "", **asked: Any) -> list[str]:
    pages = web.logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP, filterPattern=pattern, **asked)
    return [message for page in pages for message in messages(page)]


def test_events_of_all_streams_come_in_one_order(web: Streams) -> None:
    web.put("a", (0, "a0"), (2, "a2"))
    web.put("b", (1, "b1"), (2, "b2"))
    answer = web.filter()
    assert messages(answer) == ["a0", "b1", "a2", "b2"]
    first = answer["events"][0]
    assert (first["logStreamName"], first["timestamp"], len(first["eventId"])) == ("a", web.now, 56)
    assert answer["searchedLogStreams"] == []
    assert "nextToken" not in answer
    assert len({event["eventId"] for event in answer["events"]}) == 4
    assert messages(web.filter(startFromHead=False)) == ["b2", "a2", "b1", "a0"]


@pytest.mark.parametrize("head", [True, False])
def test_pages_show_every_event_once(web: Streams, head: bool) -> None:
    web.put("a", *((n, f"a{n}") for n in range(5)))
    web.put("b", *((n, f"b{n}") for n in range(5)))
    found = everything(web, startFromHead=head, PaginationConfig={"PageSize": 3})
    assert found == messages(web.filter(startFromHead=head))
    assert len(found) == 10


def test_streams_are_named_or_share_a_prefix(web: Streams) -> None:
    web.stream("app/1", "app/2")
    for stream in ("a", "app/1", "app/2"):
        web.put(stream, (0, stream))
    assert messages(web.filter(logStreamNames=["a", "app/2"])) == ["a", "app/2"]
    assert messages(web.filter(logStreamNamePrefix="app/")) == ["app/1", "app/2"]
    with refused("ResourceNotFoundException", "The specified log stream does not exist."):
        web.filter(logStreamNames=["ghost"])
    with refused("InvalidParameterException"):
        web.filter(logStreamNames=["a"], logStreamNamePrefix="a")


def test_both_ends_of_a_range_are_in_it(web: Streams) -> None:
    web.put("a", *((n, str(n)) for n in range(5)))
    assert messages(web.filter(startTime=web.now + 1, endTime=web.now + 3)) == ["1", "2", "3"]


def test_a_page_ends_before_it_has_looked_at_everything(web: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_SCANNED", 60)
    web.put("a", *((n, "needle" if n == 7 else "straw") for n in range(9)))
    assert messages(web.filter("needle")) == []
    assert everything(web, "needle") == ["needle"]
    assert everything(web, "needle", startFromHead=False) == ["needle"]


def test_what_a_deleted_stream_held_is_not_found(web: Streams) -> None:
    web.put("a", (0, "gone"))
    web.put("b", (0, "here"))
    web.logs.delete_log_stream(logGroupName=GROUP, logStreamName="a")
    assert messages(web.filter()) == ["here"]


def test_a_pattern_says_what_is_found(web: Streams) -> None:
    web.put("a", (0, "GET / 200"), (1, "GET /x 404"), (2, '{"level": "error", "code": 500}'))
    assert messages(web.filter("GET -200")) == ["GET /x 404"]
    assert messages(web.filter("[method, path, code = 4*]")) == ["GET /x 404"]
    assert messages(web.filter("{ $.code >= 500 }")) == ['{"level": "error", "code": 500}']
    with refused("InvalidParameterException", "Invalid character(s) in term 'a-b'"):
        web.filter("a-b")
    with refused("InvalidParameterException", "The specified nextToken is invalid."):
        web.filter(nextToken="%")


def test_a_pattern_is_tried_out(web: Streams) -> None:
    lines = ["10.0.0.1 frank 404", "10.0.0.2 ann 200"]
    [match] = web.logs.test_metric_filter(filterPattern="[ip, user, code = 4*]", logEventMessages=lines)["matches"]
    assert match == {
        "eventNumber": 1,
        "eventMessage": lines[0],
        "extractedValues": {"$ip": "10.0.0.1", "$user": "frank", "$code": "404"},
    }
    [match] = web.logs.test_metric_filter(filterPattern="{ $.a = 1 }", logEventMessages=[json.dumps({"a": 1})])[
        "matches"
    ]
    assert match["extractedValues"] == {"$.a": "1"}


def test_two_subscriptions_are_kept_and_no_more(web: Streams) -> None:
    def put(name: str, **members: Any) -> None:
        given = {"filterPattern": "ERROR", "destinationArn": FIREHOSE, "roleArn": "arn:aws:iam::123456789012:role/r"}
        web.logs.put_subscription_filter(logGroupName=GROUP, filterName=name, **{**given, **members})

    put("one")
    put("two")
    put("one", filterPattern="WARN")
    with refused("LimitExceededException", "Resource limit exceeded."):
        put("three")
    shown = web.logs.describe_subscription_filters(logGroupName=GROUP)["subscriptionFilters"]
    assert [(one["filterName"], one["filterPattern"], one["distribution"]) for one in shown] == [
        ("one", "WARN", "ByLogStream"),
        ("two", "ERROR", "ByLogStream"),
    ]
    web.logs.delete_subscription_filter(logGroupName=GROUP, filterName="one")
    with refused("ResourceNotFoundException", "The specified subscription filter does not exist."):
        web.logs.delete_subscription_filter(logGroupName=GROUP, filterName="one")
    for bad in ({"filterPattern": "{"}, {"destinationArn": "arn:aws:s3:::b"}, {"destinationArn": "x"}):
        with refused("InvalidParameterException"):
            put("one", **bad)
    web.logs.delete_log_group(logGroupName=GROUP)
    web.logs.create_log_group(logGroupName=GROUP)
    assert web.logs.describe_subscription_filters(logGroupName=GROUP)["subscriptionFilters"] == []
