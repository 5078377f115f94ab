"""Capacity providers as DescribeCapacityProviders shows them."""

from collections.abc import Collection
from typing import Any

from podium.ecs.records import CapacityProvider
from podium.ecs.rules import tags
from podium.ecs.views.shown import present


def capacity_provider(record: CapacityProvider, include: Collection[str] = ()) -> dict[str, Any]:
    return present(
        capacityProviderArn=record.arn,
        name=record.name,
        cluster=record.cluster_arn,
        status=record.status,
        autoScalingGroupProvider=record.auto_scaling_group,
        managedInstancesProvider=record.managed_instances,
        updateStatus=record.update_status,
        updateStatusReason=record.update_status_reason,
        tags=tags.shown(record.tags) if "TAGS" in include else [],
        type=record.kind.value,
    )
