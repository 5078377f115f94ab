"""What Application Auto Scaling remembers. `home` is partition, region and account."""

from datetime import datetime
from typing import Any

from podium.store.records import record

DIMENSION = "ecs:service:DesiredCount"
NAMESPACE = "ecs"


@record(table="autoscaling_targets", indexes=("home", "resource_id"))
class ScalableTarget:
    """A service whose desired count is kept between two bounds. Only the API writes it.

    `resource_id` is `service/<cluster>/<service>`: nothing but services is scaled here. `suspended` is in the API's
    own names and has no effect, as nothing scales by itself yet.
    """

    arn: str
    home: str
    resource_id: str
    min_capacity: int
    max_capacity: int
    role_arn: str
    suspended: dict[str, bool] = {}
    created_at: datetime
    tags: dict[str, str] = {}


@record(table="autoscaling_policies", indexes=("home", "target_arn"))
class ScalingPolicy:
    """How a target is to be scaled. Only the API writes it, and nothing follows it yet.

    `configuration` is what PutScalingPolicy was given for the type. `alarms` are the names of the alarms that a target
    tracking policy has made.
    """

    arn: str
    home: str
    target_arn: str
    resource_id: str
    name: str
    type: str
    configuration: dict[str, Any] = {}
    alarms: tuple[str, ...] = ()
    created_at: datetime


@record(table="autoscaling_scheduled_actions", indexes=("home", "target_arn"))
class ScheduledAction:
    """When the bounds of a target are to change. Only the API writes it, and nothing follows it yet."""

    arn: str
    home: str
    target_arn: str
    resource_id: str
    name: str
    schedule: str
    timezone: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    action: dict[str, int] = {}
    created_at: datetime


@record(table="autoscaling_activities", indexes=("home", "resource_id"))
class ScalingActivity:
    """One change of a desired count, written in the transaction that made it. The newest few of a service are kept."""

    arn: str
    home: str
    id: str
    resource_id: str
    description: str
    cause: str
    message: str
    at: datetime


ALL = (ScalableTarget, ScalingPolicy, ScheduledAction, ScalingActivity)
