"""What CloudWatch Logs remembers. `home` is partition, region and account."""

from datetime import datetime

from podium.store.records import record


@record(table="log_groups", indexes=("home",))
class LogGroup:
    """A name under which logs are kept, and for how long. The API writes it, and `lines` for other rooms.

    `retention_days` of None is forever. `kms_key` is shown, and nothing is sealed with it. `id` is the name of its
    events in the journal, which a group that is made anew does not share; without one it is the ARN.
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
    id: str = ""

    @property
    def key(self) -> str:
        return self.id or self.arn


@record(table="log_streams", indexes=("group_arn",))
class LogStream:
    """One sequence of events in a group. The API writes it, and `lines`. `id` is what it is of a group."""

    arn: str
    group_arn: str
    name: str
    created_at: datetime
    id: str = ""

    @property
    def key(self) -> str:
        return self.id or self.arn


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


@record(table="log_subscription_filters", indexes=("group_arn",))
class SubscriptionFilter:
    """Where events that match were to be sent; nothing is sent yet. Only the API writes it.

    `arn` is the group's with the name.
    """

    arn: str
    group_arn: str
    name: str
    pattern: str
    destination_arn: str
    role_arn: str | None = None
    distribution: str = "ByLogStream"
    created_at: datetime


@record(table="log_metric_filters", indexes=("group_arn",))
class MetricFilter:
    """What matches becomes values of a metric. Only the API writes it. `arn` is the group's with the name.

    `metric_value` and the values of `dimensions` are what they say, or name what is taken from each event.
    `default_value` counts for minutes in which events came and none matched.
    """

    arn: str
    group_arn: str
    name: str
    pattern: str
    metric_name: str
    metric_namespace: str
    metric_value: str
    default_value: float | None = None
    dimensions: dict[str, str] = {}
    unit: str = "None"
    created_at: datetime


ALL = (LogGroup, LogStream, ResourcePolicy, SubscriptionFilter, MetricFilter)
