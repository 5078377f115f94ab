"""Events: putting them into a stream, and reading them from there."""

from collections.abc import Sequence
from typing import Any

from podium.journals.events import END, Range, Stream
from podium.journals.kept import Journals, Later
from podium.kernel.call import Call
from podium.logs import counting, names, places, putting, reading, views
from podium.logs.moments import kept_since, millis
from podium.logs.places import Token
from podium.logs.putting import Taken
from podium.logs.records import MetricFilter
from podium.logs.service import logs
from podium.store.session import Transaction


@logs.operation(reads=True)
def put_log_events(call: Call, tx: Transaction, request: dict[str, Any]) -> Later:
    """Answered once they are durable. Whatever sequence token is given is taken."""
    group = names.group(call, tx, request["logGroupName"])
    stream = names.stream(tx, group, request["logStreamName"])
    now = millis(call.now)
    taken = putting.taken(request["logEvents"], group, now)
    filters = tx.list(MetricFilter, group_arn=group.arn)
    return Later(lambda journals: _put(journals, Stream(group.key, stream.key), taken, now, (call.home, filters)))


def _put(
    journals: Journals, stream: Stream, taken: Taken, now: int, counted: tuple[str, Sequence[MetricFilter]]
) -> dict[str, Any]:
    """Nobody waits for the metrics that are made of events."""
    last = journals.events.append(stream, taken.lines, now).result() if taken.lines else 0
    if journals.metrics is not None and (samples := counting.samples(*counted, taken.lines)):
        journals.metrics.append(samples)
    answer = {"nextSequenceToken": places.digits(places.place(now, last))}
    return {**answer, "rejectedLogEventsInfo": dict(taken.rejected)} if taken.rejected else answer


@logs.operation(reads=True)
def get_log_events(call: Call, tx: Transaction, request: dict[str, Any]) -> Later:
    """The latest of them, unless asked to start from the head; in either case oldest first."""
    group = names.either(call, tx, request)
    stream = names.stream(tx, group, request["logStreamName"])
    start = places.place(max(request.get("startTime") or 0, kept_since(group, millis(call.now))))
    end = places.place(request["endTime"]) if request.get("endTime") is not None else END
    given = request.get("nextToken")
    token = places.token(given) if given else Token(*((True, start) if request.get("startFromHead") else (False, end)))
    within = Range(
        group=group.key,
        start=max(start, token.place) if token.forward else start,
        end=end if token.forward else min(end, token.place),
        streams=(stream.key,),
    )
    asked = token if given else None
    return Later(lambda journals: _got(journals, within, token.forward, asked, request.get("limit")))


def _got(journals: Journals, within: Range, forward: bool, asked: Token | None, limit: int | None) -> dict[str, Any]:
    found = journals.events.read(within, newest_first=not forward)
    events = sorted(reading.page(found, limit or reading.MOST_EVENTS).events, key=lambda event: event.place)
    if events:
        before, after = events[0].place, places.after(events[-1].place)
    else:
        before = after = asked.place if asked else within.start
    return {
        "events": [views.event(event) for event in events],
        "nextForwardToken": str(Token(True, after)),
        "nextBackwardToken": str(Token(False, before)),
    }
