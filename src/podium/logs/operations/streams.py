"""Log streams, which are there before anything is written to them, and what the journal knows of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from podium.journals.events import Span
from podium.journals.kept import Journals, Later
from podium.kernel.call import Call
from podium.logs import names, views
from podium.logs.errors import Invalid, LogStreamExists
from podium.logs.operations.paging import page
from podium.logs.records import LogGroup, LogStream
from podium.logs.service import logs
from podium.store.session import Transaction


@logs.operation
def create_log_stream(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    group, name = names.group(call, tx, request["logGroupName"]), request["logStreamName"]
    arn = names.stream_arn(group.arn, name)
    if tx.get(LogStream, arn) is not None:
        raise LogStreamExists
    tx.put(LogStream(arn=arn, group_arn=group.arn, name=name, created_at=call.now, id=call.ids.uuid()))
    return {}


@logs.operation(reads=True)
def describe_log_streams(call: Call, tx: Transaction, request: dict[str, Any]) -> Later:
    """By their names, or by their last event: those that have had none are the oldest."""
    prefix, by_event = request.get("logStreamNamePrefix"), request.get("orderBy") == "LastEventTime"
    if prefix and by_event:
        raise Invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    group = names.either(call, tx, request)
    rows = [s for s in tx.list(LogStream, group_arn=group.arn) if s.name.startswith(prefix or "")]
    return Later(lambda journals: _described(journals, group, rows, request, by_event))


def _described(
    journals: Journals, group: LogGroup, rows: list[LogStream], request: dict[str, Any], by_event: bool
) -> dict[str, Any]:
    spans = journals.events.spans(group.key) if by_event else dict[str, Span]()
    key = (lambda stream: _last(spans, stream)) if by_event else (lambda stream: stream.name)
    shown, more = page(rows, key, request, descending=bool(request.get("descending")))
    if not by_event:
        spans = journals.events.spans(group.key, [stream.key for stream in shown])
    return {"logStreams": [views.stream(stream, spans.get(stream.key)) for stream in shown], **more}


def _last(spans: Mapping[str, Span], stream: LogStream) -> str:
    """Its last event's moment and its name, so that they sort as text."""
    span = spans.get(stream.key)
    return f"{span.last if span else 0:020} {stream.name}"


@logs.operation
def delete_log_stream(call: Call, tx: Transaction, request: dict[str, Any]) -> Later:
    """With its events."""
    group = names.group(call, tx, request["logGroupName"])
    stream = names.stream(tx, group, request["logStreamName"])
    tx.delete(stream)
    return forgotten([stream])


def forgotten(streams: Iterable[LogStream]) -> Later:
    """Nobody waits for it: without their records the events cannot be seen, and what a kill leaves is swept up."""
    keys = [stream.key for stream in streams]

    def answer(journals: Journals) -> dict[str, Any]:
        journals.events.forget_streams(keys)
        return {}

    return Later(answer)
