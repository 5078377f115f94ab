"""Queries of Logs Insights over a few events."""

import json
from typing import Any

import pytest

from inprocess import Plane, refused
from logs.streams import GROUP, Streams
from people import allow, user
from podium.journals import jobs
from podium.logs.insights import commands

MINUTE = 60_000
REQUESTS = [
    {"path": "/a", "status": 200, "ms": 10, "user": {"name": "ann", "tags": ["x", "y"]}},
    {"path": "/b", "status": 500, "ms": 30, "user": {"name": "bob"}},
    {"path": "/a", "status": 404, "ms": 20},
    {"path": "/c", "status": 200, "ms": 40},
]


@pytest.fixture
def requests(web: Streams) -> Streams:
    """Four requests, a minute apart, the last one now; and a line that is no JSON."""
    web.put("a", *(((n - 3) * MINUTE, json.dumps(told)) for n, told in enumerate(REQUESTS)))
    web.put("b", (-10, "user=cid, latency := 12.5 ERROR"))
    return web


def ask(web: Streams, query: str, **members: Any) -> dict[str, Any]:
    moments = {"startTime": web.now // 1000 - 3600, "endTime": web.now // 1000 + 1}
    given = {"logGroupName": GROUP, "queryString": query, **moments, **members}
    return dict(web.logs.get_query_results(queryId=web.logs.start_query(**given)["queryId"]))


def table(web: Streams, query: str, **members: Any) -> list[list[str]]:
    """The values of each row, without its pointer."""
    answer = ask(web, query, **members)
    assert answer["status"] == "Complete"
    return [[one["value"] for one in row if one["field"] != "@ptr"] for row in answer["results"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("fields path | filter status = 500", [["/b"]]),
        ("fields path, ms | sort ms asc | limit 2", [["/a", "10"], ["/a", "20"]]),
        ("fields path | filter ispresent(path) | sort path, ms desc", [["/c"], ["/b"], ["/a"], ["/a"]]),
        ("fields user.name as who | filter user.tags.1 = 'y'", [["ann"]]),
        ("fields path | filter status in [404, 500] and not path like /^.b/", [["/a"]]),
        ("fields path | filter status not in [200, 500] and ispresent(status)", [["/a"]]),
        ("filter @message like 'ERROR' | display strlen(@message) as n", [["31"]]),
        ("fields status / 100 % 2 + 1 as x | filter path =~ /c$/", [["1"]]),
        ("fields toupper(concat(path, '-', ms)) | filter ms >= 30 or (ms < 15)", [["/C-40"], ["/B-30"], ["/A-10"]]),
        ("stats count(*)", [["5"]]),
        ("stats count(*) as n, avg(ms), max(ms), min(ms), sum(ms) by path | sort n desc, path asc | limit 2",
         [["/a", "2", "15", "20", "10", "30"], ["/b", "1", "30", "30", "30", "30"]]),
        ("filter ispresent(ms) | stats pct(ms, 50) as p50, pct(ms, 100), count_distinct(path)", [["20", "40", "3"]]),
        ("filter status = 1 | stats count(*) as n, sum(ms)", [["0"]]),
        ("filter ispresent(ms) | stats count(*) as n by status | filter n > 1", [["200", "2"]]),
        ("parse @message 'user=*, latency := * ' as who, took | filter ispresent(who) | display who, took * 2 as t",
         [["cid", "25"]]),
        ("parse @message /latency := (?<took>[0-9.]+)/ | filter ispresent(took) | stats max(took) as t", [["12.5"]]),
        ("filter ispresent(path) | dedup path | stats count(*)", [["3"]]),
        ("fields path # a remark\n| filter ms = 40", [["/c"]]),
    ],
)  # fmt: skip
def test_a_query_answers_what_was_asked(requests: Streams, query: str, expected: list[list[str]]) -> None:
    assert table(requests, query) == expected


def test_without_fields_events_are_shown_newest_first(requests: Streams) -> None:
    first, *_, last = ask(requests, "filter ispresent(path)")["results"]
    assert [one["field"] for one in first] == ["@timestamp", "@message", "@ptr"]
    assert json.loads(first[1]["value"]) == REQUESTS[-1]
    assert json.loads(last[1]["value"]) == REQUESTS[0]
    assert first[0]["value"] == requests.plane.clock.now().strftime("%Y-%m-%d %H:%M:%S.000")


def test_events_are_counted_by_time(requests: Streams) -> None:
    rows = table(requests, "filter ispresent(ms) | stats count(*), sum(ms) as total by bin(2m) | sort total asc")
    assert sum(int(row[1]) for row in rows) == 4
    assert len(rows) in (2, 3)
    assert all(row[0].endswith(":00.000") and int(row[0][14:16]) % 2 == 0 for row in rows)


def test_results_say_what_was_looked_at(requests: Streams) -> None:
    answer = ask(requests, "fields @message | filter status = 200", limit=1)
    assert len(answer["results"]) == 1
    told = answer["statistics"]
    answer = ask(requests, "stats count(*) by status")
    told = answer["statistics"]
    assert (told["recordsScanned"], told["recordsMatched"]) == (5, 5)
    assert told["bytesScanned"] == requests.logs.describe_log_groups()["logGroups"][0]["storedBytes"]


def test_results_come_in_pages_when_asked_for(requests: Streams) -> None:
    moments = {"startTime": 0, "endTime": requests.now // 1000 + 1}
    started = requests.logs.start_query(logGroupName=GROUP, queryString="fields ms", **moments)
    first = requests.logs.get_query_results(**_id(started), maxItems=3)
    second = requests.logs.get_query_results(**_id(started), maxItems=3, nextToken=first["nextToken"])
    assert (len(first["results"]), len(second["results"]), "nextToken" in second) == (3, 2, False)
    with refused("InvalidParameterException", "The specified nextToken is invalid."):
        requests.logs.get_query_results(**_id(started), nextToken="%")


def _id(started: dict[str, Any]) -> dict[str, str]:
    return {"queryId": started["queryId"]}


def test_several_groups_are_read_as_one(requests: Streams) -> None:
    requests.logs.create_log_group(logGroupName="other")
    requests.logs.create_log_stream(logGroupName="other", logStreamName="z")
    event = {"timestamp": requests.now - MINUTE, "message": '{"path": "/z"}'}
    requests.logs.put_log_events(logGroupName="other", logStreamName="z", logEvents=[event])
    query = "fields path, @log, @logStream | filter ispresent(path) | limit 3"
    moments = {"startTime": 0, "endTime": requests.now // 1000}
    groups = {"logGroupNames": [GROUP, "other"]}
    started = requests.logs.start_query(queryString=query, **moments, **groups)
    rows = requests.logs.get_query_results(queryId=started["queryId"])["results"]
    found = [(row[0]["value"], row[1]["value"], row[2]["value"]) for row in rows]
    assert found == [
        ("/c", f"123456789012:{GROUP}", "a"),
        ("/z", "123456789012:other", "z"),
        ("/a", f"123456789012:{GROUP}", "a"),
    ]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "feilds a",
        "fields",
        "fields a |",
        "filter a >",
        "filter a like 5",
        "filter a in 5",
        "stats total(a)",
        "stats pct(a, 200)",
        "sort",
        "limit 0",
        "limit x",
        "parse @message 'a * b' as x, y",
        "parse @message",
        "fields unknown(a)",
        "fields bin(5)",
        "fields strlen(a, b)",
        "filter " + "(" * 100,
        "filter " + "-" * 3000 + "1",
        "fields 1" + "+1" * 3000,
        "fields a" + " | fields a" * 900,
        "filter a = 'open",
        "fields a ; b",
    ],
)
def test_a_query_that_cannot_be_read_is_refused(web: Streams, query: str) -> None:
    with refused("MalformedQueryException") as answer:
        ask(web, query)
    assert "location" in answer["queryCompileError"]


def test_a_query_needs_groups_and_a_range(web: Streams) -> None:
    for bad in ({"logGroupNames": [GROUP]}, {"endTime": 0}, {"queryLanguage": "SQL"}):
        with refused("InvalidParameterException"):
            ask(web, "fields a", **bad)
    with refused("ResourceNotFoundException", "The specified log group does not exist."):
        ask(web, "fields a", logGroupName="ghost")
    with refused("InvalidParameterException"):
        ask(web, "filter @message like /(/")


def test_a_query_that_takes_too_much_memory_fails(requests: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "MOST_GROUPS", 2)
    assert ask(requests, "stats count(*) by @message")["status"] == "Failed"


def test_queries_are_listed_and_forgotten_in_time(plane: Plane, web: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_KEPT", 2)
    for name in ("a", "b", "c"):
        ask(web, f"fields {name}")
        plane.advance(1)
    listed = web.logs.describe_queries(logGroupName=GROUP)["queries"]
    assert [one["queryString"] for one in listed] == ["fields c", "fields b"]
    assert listed[0]["status"] == "Complete"
    assert web.logs.describe_queries(status="Running")["queries"] == []
    with refused("InvalidParameterException"):
        web.logs.stop_query(queryId=listed[0]["queryId"])
    for other in (plane.client("logs", region="eu-west-1"), web.logs):
        with refused("ResourceNotFoundException"):
            other.get_query_results(queryId=listed[0]["queryId"] if other is not web.logs else "ghost")


def test_a_query_that_waits_is_stopped() -> None:
    waiting = list[Any]()
    held = jobs.Jobs(waiting.append)
    job = jobs.Job("1", "home", None, lambda job: "never")
    held.start(job)
    assert held.stop(job)
    assert not held.stop(job)
    for run in waiting:
        run()
    assert (job.state, job.result) == (jobs.JobState.CANCELLED, None)


def test_a_user_queries_the_groups_that_a_policy_allows(plane: Plane, requests: Streams) -> None:
    requests.logs.create_log_group(logGroupName="secret")
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}:*"
    both = [allow("logs:StartQuery", arn), allow("logs:GetQueryResults")]
    ann = plane.client("logs", key=user(plane, "ann", *both))
    given = {"queryString": "stats count(*)", "startTime": 0, "endTime": requests.now // 1000 + 1}
    started = ann.start_query(logGroupName=GROUP, **given)
    assert ann.get_query_results(queryId=started["queryId"])["status"] == "Complete"
    with refused("AccessDeniedException"):
        ann.start_query(logGroupNames=[GROUP, "secret"], **given)
