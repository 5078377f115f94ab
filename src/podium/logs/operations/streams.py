"""Log streams, which are there before anything is written to them."""

from typing import Any

from podium.kernel.call import Call
from podium.logs import names, views
from podium.logs.errors import Invalid, LogStreamExists
from podium.logs.operations.paging import page
from podium.logs.records import LogStream
from podium.logs.service import logs
from podium.store.session import Transaction


@logs.operation
def create_log_stream(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    group, name = names.group(call, tx, request["logGroupName"]), request["logStreamName"]
    arn = names.stream_arn(group.arn, name)
    if tx.get(LogStream, arn) is not None:
        raise LogStreamExists
    tx.put(LogStream(arn=arn, group_arn=group.arn, name=name, created_at=call.now))
    return {}


@logs.operation(reads=True)
def describe_log_streams(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """None has had an event, so that those ordered by the last one come by their names, too."""
    if (request.get("logGroupName") is None) is (request.get("logGroupIdentifier") is None):
        raise Invalid("Specify either logGroupName or logGroupIdentifier.")
    prefix = request.get("logStreamNamePrefix")
    if prefix and request.get("orderBy") == "LastEventTime":
        raise Invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    group = names.group(call, tx, request.get("logGroupName") or request.get("logGroupIdentifier"))
    rows = [s for s in tx.list(LogStream, group_arn=group.arn) if s.name.startswith(prefix or "")]
    shown, more = page(rows, lambda stream: stream.name, request, descending=bool(request.get("descending")))
    return {"logStreams": [views.stream(stream) for stream in shown], **more}


@logs.operation
def delete_log_stream(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    group = names.group(call, tx, request["logGroupName"])
    tx.delete(names.stream(tx, group, request["logStreamName"]))
    return {}
