"""One event."""

from datetime import datetime
from typing import Any

from podium.store.records import record


@record(table="events", cold=True)
class Event:
    """Written in the transaction that it tells of, and never changed.

    `arn` is the time with a number, so that keys rise with time and in the order of what happened. `detail` is in the
    words of the service that sends the event.
    """

    arn: str
    id: str
    at: datetime
    account: str
    region: str
    source: str
    detail_type: str
    resources: tuple[str, ...]
    detail: dict[str, Any]


ALL = (Event,)
