"""Queries of Logs Insights: started, watched, and ended early."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from typing import Any

from podium.journals.events import Event, Place, Range
from podium.journals.jobs import WAITING, Job, JobState, TooMuch
from podium.journals.kept import Journals, Later
from podium.kernel import pages
from podium.kernel.call import Call
from podium.logs import insights, names, places
from podium.logs.errors import Invalid, InvalidToken, QueryNotFound, TooManyQueries
from podium.logs.insights.rows import Row, of_event
from podium.logs.moments import kept_since, millis
from podium.logs.operations.paging import page
from podium.logs.records import LogGroup, LogStream
from podium.logs.service import logs
from podium.store.session import Transaction

MOST_WAITING = 30
MOST_GROUPS = 50
MOST_BYTES = 16 * 2**20  # in one query's results


@dataclass(slots=True)
class Asked:
    """A query that was started. `groups` are names by keys; `scanned` and `size`, in bytes, grow while it runs."""

    text: str
    groups: Mapping[str, str]
    ranges: list[tuple[str, Range, Mapping[str, str]]]
    created: int
    query: insights.Query
    scanned: int = 0
    size: int = 0


@logs.operation(reads=True)
def start_query(call: Call, tx: Transaction, request: dict[str, Any]) -> Later:
    """Moments are seconds here, and both ends are in the range."""
    if request.get("queryLanguage") not in (None, "CWLI"):
        raise Invalid("Podium answers queries in the language of Logs Insights (CWLI), and in no other.")
    if request["startTime"] > request["endTime"]:
        raise Invalid("End time should not be before start time.")
    query = insights.parsed(request["queryString"], request.get("limit") or insights.MOST_ROWS)
    now = millis(call.now)
    groups = [names.group(call, tx, given) for given in _groups(request)]
    asked = Asked(
        text=request["queryString"],
        groups={group.key: group.name for group in groups},
        ranges=[_range(call, tx, group, request, now) for group in groups],
        created=now,
        query=query,
    )
    id, home = call.ids.uuid(), call.home

    def answer(journals: Journals) -> dict[str, Any]:
        if sum(job.state in WAITING for job in journals.jobs.of(home)) >= MOST_WAITING:
            raise TooManyQueries(MOST_WAITING)
        journals.jobs.start(Job(id, home, asked, lambda job: _results(journals, job)))
        return {"queryId": id}

    return Later(answer)


@logs.operation(journal=True)
def get_query_results(call: Call, journals: Journals, request: dict[str, Any]) -> dict[str, Any]:
    """Results are there once it is complete: all at once, unless some are asked for."""
    job = _job(call, journals, request["queryId"])
    asked: Asked = job.about
    results: list[list[dict[str, str]]] = job.result if job.state is JobState.COMPLETE else []
    first = _first(request.get("nextToken"))
    following = first + (request.get("maxItems") or insights.MOST_ROWS)
    more = {"nextToken": pages.token_of(str(following))} if following < len(results) else {}
    return {
        **more,
        "queryLanguage": "CWLI",
        "results": results[first:following],
        "statistics": {
            "recordsMatched": float(asked.query.matched),
            "recordsScanned": float(asked.scanned),
            "bytesScanned": float(asked.size),
            "logGroupsScanned": float(len(asked.groups)),
            "resultCount": float(len(results)),
        },
        "status": job.state,
    }


@logs.operation(journal=True)
def stop_query(call: Call, journals: Journals, request: dict[str, Any]) -> dict[str, Any]:
    job = _job(call, journals, request["queryId"])
    if not journals.jobs.stop(job):
        raise Invalid(f"The query is not running: its status is {job.state}.")
    return {"success": True}


@logs.operation(journal=True)
def describe_queries(call: Call, journals: Journals, request: dict[str, Any]) -> dict[str, Any]:
    """Newest first."""
    rows = [
        job
        for job in journals.jobs.of(call.home)
        if request.get("status") in (None, job.state)
        and request.get("queryLanguage") in (None, "CWLI")
        and (request.get("logGroupName") is None or request["logGroupName"] in job.about.groups.values())
    ]
    size = {"limit": request.get("maxResults") or 1000, "nextToken": request.get("nextToken")}
    shown, more = page(rows, lambda job: f"{job.about.created:020}{job.id}", size, descending=True)
    return {"queries": [_shown(job) for job in shown], **more}


def _groups(request: Mapping[str, Any]) -> list[str]:
    """Raises Invalid unless groups are named in just one way."""
    one, several, identified = (request.get(f"logGroup{how}") for how in ("Name", "Names", "Identifiers"))
    given = [group for group in ([one] if one else None, several, identified) if group]
    if len(given) != 1:
        raise Invalid("Specify exactly one of logGroupName, logGroupNames and logGroupIdentifiers.")
    if len(given[0]) > MOST_GROUPS:
        raise Invalid(f"A query can look at {MOST_GROUPS} log groups at most.")
    return list(dict.fromkeys(given[0]))


def _range(
    call: Call, tx: Transaction, group: LogGroup, request: Mapping[str, Any], now: int
) -> tuple[str, Range, Mapping[str, str]]:
    start = places.place(max(request["startTime"] * 1000, kept_since(group, now)))
    end = places.place(request["endTime"] * 1000 + 1000)
    streams = {stream.key: stream.name for stream in tx.list(LogStream, group_arn=group.arn)}
    return f"{call.account}:{group.name}", Range(group.key, start, end), streams


def _results(journals: Journals, job: Job) -> list[list[dict[str, str]]]:
    """Raises TooMuch."""
    asked: Asked = job.about
    results, size = list[list[dict[str, str]]](), 0
    for row in asked.query.run(_rows(journals, job)):
        results.append(row)
        size += sum(len(shown["value"]) for shown in row)
        if size > MOST_BYTES:
            raise TooMuch
    return results


def _rows(journals: Journals, job: Job) -> Iterator[Row]:
    """Of all groups together, newest first, until the query is stopped."""
    asked: Asked = job.about
    of_each = [_of_group(journals, *one) for one in asked.ranges]
    for _, event, row in merge(*of_each, key=lambda found: found[0], reverse=True):
        if job.stopped():
            return
        asked.scanned += 1
        asked.size += event.size
        yield row


def _of_group(
    journals: Journals, log: str, within: Range, streams: Mapping[str, str]
) -> Iterator[tuple[Place, Event, Row]]:
    for event in journals.events.read(within, newest_first=True):
        if event.stream in streams:
            yield event.place, event, of_event(event, streams[event.stream], log)


def _first(token: str | None) -> int:
    """Raises InvalidToken."""
    try:
        return abs(int(pages.read(token))) if token else 0
    except (pages.NotAToken, ValueError) as error:
        raise InvalidToken from error


def _job(call: Call, journals: Journals, id: str) -> Job:
    """Raises QueryNotFound."""
    found = journals.jobs.find(id, call.home)
    if found is None:
        raise QueryNotFound(id)
    return found


def _shown(job: Job) -> dict[str, Any]:
    return {
        "queryLanguage": "CWLI",
        "queryId": job.id,
        "queryString": job.about.text,
        "status": job.state,
        "createTime": job.about.created,
        "logGroupName": next(iter(job.about.groups.values())),
    }
