"""What the journal is to hold of each group: what retention leaves, of the streams that there still are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from podium.journals.events import Stream
from podium.logs.moments import kept_since, millis
from podium.logs.records import LogGroup, LogStream
from podium.store.session import Transaction


@dataclass(frozen=True, slots=True)
class Expiry:
    """`before` says of groups from when on they are kept, in milliseconds; `gone` are streams without a record."""

    before: Mapping[str, int]
    gone: Iterable[str]


def due(tx: Transaction, held: Iterable[Stream], now: datetime) -> Expiry:
    """`held` was asked of the journal before: a stream that came since has its record, and is in neither list."""
    groups, streams = tx.list(LogGroup), {stream.key for stream in tx.list(LogStream)}
    held_groups = {stream.group for stream in held}
    before = {
        group.key: kept_since(group, millis(now))
        for group in groups
        if group.retention_days and group.key in held_groups
    }
    return Expiry(before, [stream.key for stream in held if stream.key not in streams])
