"""Capacity providers: where a cluster gets its instances from."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from podium.store.records import record


class ProviderKind(StrEnum):
    EC2_AUTOSCALING = "EC2_AUTOSCALING"
    MANAGED_INSTANCES = "MANAGED_INSTANCES"
    FARGATE = "FARGATE"
    FARGATE_SPOT = "FARGATE_SPOT"


@record(table="ecs_capacity_providers", indexes=("home",))
class CapacityProvider:
    """A provider somebody made; FARGATE and FARGATE_SPOT are in every account and are no records.

    `auto_scaling_group` or `managed_instances` is what was asked for, in the API's own names and with its
    defaults. `cluster_arn` is set for Managed Instances, which belong to one cluster. A deleted provider
    stays, INACTIVE, until its name is used again.
    """

    arn: str
    home: str
    name: str
    kind: ProviderKind
    cluster_arn: str | None = None
    status: str = "ACTIVE"
    auto_scaling_group: dict[str, Any] | None = None
    managed_instances: dict[str, Any] | None = None
    update_status: str | None = None
    update_status_reason: str | None = None
    tags: dict[str, str] = {}
    created_at: datetime

    @property
    def group_name(self) -> str:
        """The name of the Auto Scaling group, whether it was given by name or by ARN."""
        return str((self.auto_scaling_group or {}).get("autoScalingGroupArn", "")).rpartition("/")[2]
