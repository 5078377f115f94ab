"""Log groups and streams by name and ARN."""

from collections.abc import Mapping
from typing import Any

from podium.kernel.call import Call
from podium.logs.errors import Invalid, LogGroupNotFound, LogStreamNotFound, ResourceNotFound
from podium.logs.records import LogGroup, LogStream
from podium.store.session import Transaction

ANY_STREAM = ":*"


def group_arn(home: str, name: str) -> str:
    partition, region, account = home.split(":")
    return f"arn:{partition}:logs:{region}:{account}:log-group:{name}"


def stream_arn(group: str, name: str) -> str:
    return f"{group}:log-stream:{name}"


def group(call: Call, tx: Transaction, given: str | None) -> LogGroup:
    """By name or ARN. Raises LogGroupNotFound."""
    arn = given or ""
    if not arn.startswith("arn:"):
        arn = group_arn(call.home, arn)
    found = tx.get(LogGroup, arn.removesuffix(ANY_STREAM))
    if found is None or found.home != call.home:
        raise LogGroupNotFound
    return found


def stream(tx: Transaction, group: LogGroup, name: str) -> LogStream:
    """Raises LogStreamNotFound."""
    found = tx.get(LogStream, stream_arn(group.arn, name))
    if found is None:
        raise LogStreamNotFound
    return found


def either(call: Call, tx: Transaction, request: Mapping[str, Any]) -> LogGroup:
    """The group of a request that may name it in one of two ways. Raises Invalid, LogGroupNotFound."""
    name, identifier = request.get("logGroupName"), request.get("logGroupIdentifier")
    if (name is None) is (identifier is None):
        raise Invalid("Specify either logGroupName or logGroupIdentifier.")
    return group(call, tx, name or identifier)


def of_arn(call: Call, tx: Transaction, given: str) -> LogGroup:
    """Raises ResourceNotFound: nothing but groups has tags here."""
    found = tx.get(LogGroup, given)
    if found is None or found.home != call.home:
        raise ResourceNotFound
    return found
