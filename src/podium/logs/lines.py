"""For other rooms: the stream into which they write lines of their own.

Whoever writes finds the stream in a transaction, and hands the lines to the journal outside the core.
"""

from datetime import datetime

from podium.journals.events import Stream
from podium.kernel.ids import Ids
from podium.logs import names
from podium.logs.records import LogGroup, LogStream
from podium.store.session import Transaction


def stream(tx: Transaction, home: str, group: str, name: str) -> Stream | None:
    """Where lines of this group and stream go. None when there is no such group or stream."""
    held, own = _held(tx, home, group, name)
    return Stream(held.key, own.key) if held is not None and own is not None else None


def made(
    tx: Transaction, home: str, group: str, name: str, ids: Ids, now: datetime, *, group_too: bool = False
) -> Stream | None:
    """The same, with the stream made if need be. None when there is no such group, unless that may be made, too."""
    held, own = _held(tx, home, group, name)
    if held is None and group_too:
        arn = names.group_arn(home, group)
        held = tx.put(LogGroup(arn=arn, home=home, name=group, created_at=now, id=ids.uuid()))
    if held is None:
        return None
    if own is None:
        arn = names.stream_arn(held.arn, name)
        own = tx.put(LogStream(arn=arn, group_arn=held.arn, name=name, created_at=now, id=ids.uuid()))
    return Stream(held.key, own.key)


def _held(tx: Transaction, home: str, group: str, name: str) -> tuple[LogGroup | None, LogStream | None]:
    arn = names.group_arn(home, group)
    return tx.get(LogGroup, arn), tx.get(LogStream, names.stream_arn(arn, name))
