"""What CloudWatch Logs remembers. `home` is partition, region and account."""

from datetime import datetime

from podium.store.records import record


@record(table="log_groups", indexes=("home",))
class LogGroup:
    """A name under which logs are to be kept, and for how long. Only the API writes it.

    `retention_days` of None is forever. `kms_key` is shown, and nothing is sealed with it.
    """

    arn: str
    home: str
    name: str
    log_class: str = "STANDARD"
    retention_days: int | None = None
    kms_key: str | None = None
    deletion_protected: bool = False
    created_at: datetime
    tags: dict[str, str] = {}


@record(table="log_streams", indexes=("group_arn",))
class LogStream:
    """One sequence of events in a group, of which there are none yet. Only the API writes it."""

    arn: str
    group_arn: str
    name: str
    created_at: datetime


@record(table="log_resource_policies", indexes=("home",))
class ResourcePolicy:
    """Which services may write here: JSON as it was given, that nobody is judged by. Only the API writes it.

    `arn` is the home with the name.
    """

    arn: str
    home: str
    name: str
    document: str
    updated_at: datetime


ALL = (LogGroup, LogStream, ResourcePolicy)
