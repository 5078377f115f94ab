"""What each operation of CloudWatch Logs asks to be allowed.

Importing this module registers it.
Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon CloudWatch Logs". What a
denial calls a group, with `:log-stream:` at its end, is what callers of AWS have been shown; tags alone are of the bare
ARN.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podium.kernel import tags
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.logs import names
from podium.logs.records import LogGroup
from podium.logs.service import logs
from podium.store.session import Transaction

Request = Mapping[str, Any]
OF_ACCOUNT = (
    *("DescribeResourcePolicies", "PutResourcePolicy", "DeleteResourcePolicy"),
    *("GetQueryResults", "StopQuery", "DescribeQueries", "TestMetricFilter"),
)

OF_SEVERAL = ("StartQuery", "StartLiveTail")


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    return tuple(_asks(call, tx, operation, request))


def _asks(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    if operation in OF_SEVERAL:
        yield from _asks_of_several(call, tx, operation, request)
        return
    given, taken = request.get("tags") or {}, request.get("tagKeys") or ()
    said = tags.of_request(*((given, taken) if isinstance(given, Mapping) else ({}, given)))
    group = _group(call, request)
    held = tx.get(LogGroup, group)
    own = tags.of_resource(held.tags) if held is not None and held.home == call.home else {}
    yield Ask(action=f"logs:{operation}", resource=_resource(operation, request, group), context={**said, **own})
    if operation == "CreateLogGroup" and given:
        yield Ask(action="logs:TagResource", resource=group, context=said)


def _asks_of_several(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    """One for each group; without any, one as of a group without a name, which is refused later in any case."""
    one, listed = request.get("logGroupName"), request.get("logGroupNames") or request.get("logGroupIdentifiers")
    for name in [*([one] if one else []), *(listed or [])] or [""]:
        group = _group(call, {"logGroupName": name})
        held = tx.get(LogGroup, group)
        own = tags.of_resource(held.tags) if held is not None and held.home == call.home else {}
        yield Ask(action=f"logs:{operation}", resource=_resource(operation, {}, group), context=own)


def _group(call: Call, request: Request) -> str:
    given = request.get("resourceArn") or request.get("logGroupName") or request.get("logGroupIdentifier") or ""
    return given.removesuffix(names.ANY_STREAM) if given.startswith("arn:") else names.group_arn(call.home, given)


def _resource(operation: str, request: Request, group: str) -> str:
    if operation in OF_ACCOUNT:
        return "*"
    if request.get("resourceArn"):
        return group
    return names.stream_arn(group, request.get("logStreamName") or "")


logs.asks = asks
