"""Looking through a group for events that match a pattern."""

from collections.abc import Mapping
from typing import Any

from podium.journals.events import END, Event, Place, Range
from podium.journals.kept import Journals, Later
from podium.kernel import pages
from podium.kernel.call import Call
from podium.logs import names, patterns, places, reading, views
from podium.logs.errors import Invalid, InvalidToken
from podium.logs.moments import kept_since, millis
from podium.logs.places import Token
from podium.logs.records import LogGroup, LogStream
from podium.logs.service import logs
from podium.store.session import Transaction


@logs.operation(reads=True)
def filter_log_events(call: Call, tx: Transaction, request: dict[str, Any]) -> Later:
    """Events of all streams in one order of time. A page may be empty though there are more.

    A token says which way it goes, whatever is asked besides. Both ends of the range are in it.
    """
    group = names.either(call, tx, request)
    pattern = patterns.parsed(request.get("filterPattern") or "")
    streams = {stream.key: stream.name for stream in _streams(tx, group, request)}
    token = _token(request["nextToken"]) if request.get("nextToken") else None
    forward = token.forward if token else request.get("startFromHead") is not False
    start = places.place(max(request.get("startTime") or 0, kept_since(group, millis(call.now))))
    end = places.place(request["endTime"] + 1) if request.get("endTime") is not None else END
    narrowed = request.get("logStreamNames") or request.get("logStreamNamePrefix")
    within = Range(
        group=group.key,
        start=max(start, token.place) if token and forward else start,
        end=min(end, token.place) if token and not forward else end,
        streams=streams.keys() if narrowed else None,
    )

    def wanted(event: Event) -> bool:
        return event.stream in streams and pattern.matches(event.message)

    def answer(journals: Journals) -> dict[str, Any]:
        found = journals.events.read(within, newest_first=not forward)
        page = reading.page(found, request.get("limit") or reading.MOST_EVENTS, wanted)
        return _answer(page, streams, forward)

    return Later(answer)


def _streams(tx: Transaction, group: LogGroup, request: Mapping[str, Any]) -> list[LogStream]:
    """Raises Invalid, LogStreamNotFound."""
    listed, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix")
    if listed and prefix:
        raise Invalid("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
    if listed:
        return [names.stream(tx, group, name) for name in listed]
    return [stream for stream in tx.list(LogStream, group_arn=group.arn) if stream.name.startswith(prefix or "")]


def _answer(page: reading.Page, streams: Mapping[str, str], forward: bool) -> dict[str, Any]:
    events = [views.found(event, streams[event.stream]) for event in page.events]
    shown: dict[str, Any] = {"events": events, "searchedLogStreams": []}
    return {**shown, "nextToken": _told(page.following, forward)} if page.following else shown


def _told(following: Place, forward: bool) -> str:
    """Backward the place itself must be before the token's."""
    return pages.token_of(str(Token(forward, following if forward else places.after(following))))


def _token(text: str) -> Token:
    """Raises InvalidToken."""
    try:
        return places.token(pages.read(text))
    except pages.NotAToken as error:
        raise InvalidToken from error
