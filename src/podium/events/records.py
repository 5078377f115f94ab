"""What EventBridge remembers: events that were, and rules about those that are to come."""

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


@record(table="events_rules", indexes=("home", "bus"))
class Rule:
    """Which events, or which moments, are to lead where. Only the API writes it, and nothing follows it yet.

    `bus` is the name of its event bus. `targets` are in the API's own names, in the order in which they were put.
    """

    arn: str
    home: str
    bus: str
    name: str
    state: str = "ENABLED"
    pattern: str | None = None
    schedule: str | None = None
    description: str | None = None
    role_arn: str | None = None
    targets: tuple[dict[str, Any], ...] = ()
    tags: dict[str, str] = {}


@record(table="events_buses", indexes=("home",))
class EventBus:
    """Where events come by. Only the API writes it; the bus `default` is there without a record until it has a policy.

    `policy` is JSON, that nobody is judged by. `settings` are in the API's own names, and have no effect.
    """

    arn: str
    home: str
    name: str
    description: str | None = None
    policy: str | None = None
    settings: dict[str, Any] = {}
    created_at: datetime | None = None
    changed_at: datetime | None = None
    tags: dict[str, str] = {}


ALL = (Event, Rule, EventBus)
