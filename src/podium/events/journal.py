"""Reading events by time, type and resource, and showing them in EventBridge's envelope.

Source: Amazon EventBridge User Guide, "AWS service event metadata".
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from podium.events.records import Event
from podium.store.database import Database

END = "~"  # sorts after every key
_CHUNK = 500


def key(at: datetime, number: int | None = None) -> str:
    """Of the event with that number; without one, what no event at or after `at` comes before."""
    return _stamp(at) if number is None else f"{_stamp(at)}{number:012d}"


@lru_cache(maxsize=64)
def _stamp(at: datetime) -> str:
    """Every event of a transaction has the same."""
    return f"{at.isoformat(timespec='microseconds')[:26]}Z/"


def envelope(event: Event) -> dict[str, Any]:
    """As rules match it and targets get it. The time has no fraction of a second."""
    return {
        "version": "0",
        "id": event.id,
        "detail-type": event.detail_type,
        "source": event.source,
        "account": event.account,
        "time": f"{event.at:%Y-%m-%dT%H:%M:%SZ}",
        "region": event.region,
        "resources": list(event.resources),
        "detail": event.detail,
    }


def page(database: Database, start: str, end: str, wanted: Mapping[str, str], limit: int) -> list[Event]:
    """The newest `limit` events whose keys lie from `start` to before `end` and that match `wanted`."""
    found: list[Event] = []
    while len(found) < limit:
        rows = database.page(Event, start, end, _CHUNK)
        found += [row for row in rows if _matches(row, wanted)]
        if len(rows) < _CHUNK:
            break
        end = rows[-1].arn
    return found[:limit]


def newest(database: Database, start: str, end: str) -> str | None:
    """The newest key from `start` to before `end`, whatever its event is."""
    return next((event.arn for event in database.page(Event, start, end, 1)), None)


def _matches(event: Event, wanted: Mapping[str, str]) -> bool:
    """`type` and `resource` match by a part of the detail-type, whatever its case, and of an ARN."""
    kind, resource = wanted.get("type", "").lower(), wanted.get("resource", "")
    return kind in event.detail_type.lower() and (not resource or any(resource in arn for arn in event.resources))
