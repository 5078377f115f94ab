"""What EventBridge Scheduler remembers. `home` is partition, region and account."""

from datetime import datetime
from typing import Any

from podium.store.records import record


@record(table="scheduler_groups", indexes=("home",))
class ScheduleGroup:
    """A name for schedules that belong together. Only the API writes it; `default` has a record only once it has tags.

    `client_token` is of who made it, who is answered again when they ask again.
    """

    arn: str
    home: str
    name: str
    client_token: str | None = None
    created_at: datetime | None = None
    changed_at: datetime | None = None
    tags: dict[str, str] = {}


@record(table="scheduler_schedules", indexes=("home", "group"))
class Schedule:
    """What is to be done when. Only the API writes it, and nothing follows it yet.

    `group` is the name of its group. `window` and `target` are in the API's own names, the target with AWS's defaults.
    """

    arn: str
    home: str
    group: str
    name: str
    expression: str
    timezone: str = "UTC"
    window: dict[str, Any] = {}
    target: dict[str, Any] = {}
    state: str = "ENABLED"
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    description: str | None = None
    kms_key: str | None = None
    after_completion: str = "NONE"
    client_token: str | None = None
    created_at: datetime
    changed_at: datetime


ALL = (ScheduleGroup, Schedule)
