"""ECS Container Instance State Change: when its agent comes or goes, when it registers, drains or leaves.

AWS also sends one for every task that takes or gives back some of an instance's resources. Podium does not: the
version of the instance would have to rise each time, which is one more record written for every step of every task.
Source: Amazon ECS Developer Guide, "Amazon ECS container instance state change events".
"""

from datetime import datetime
from operator import attrgetter
from typing import Any

from podium.ecs.eventing.told import Told, iso
from podium.ecs.records import ContainerInstance
from podium.ecs.records.clusters import FARGATE_POOL
from podium.ecs.views import instances as views
from podium.store.session import Transaction

TYPE = "ECS Container Instance State Change"
shown = attrgetter(
    "status",
    "agent_connected",
    "agent_hash",
    "agent_version",
    "docker_version",
    "attributes",
    "custom_attributes",
    "cpu",
    "memory_mib",
    "ports",
    "ports_udp",
    "gpus",
)
AS_DESCRIBED = (
    "agentConnected",
    "attributes",
    "capacityProviderName",
    "containerInstanceArn",
    "ec2InstanceId",
    "status",
    "version",
    "versionInfo",
)


def told(tx: Transaction, instance: ContainerInstance, now: datetime) -> Told | None:
    """Nothing of a host that serves Fargate: no user sees it."""
    if instance.cluster_arn.endswith(f"/{FARGATE_POOL}"):
        return None
    view = views.instance(tx, instance)
    detail: dict[str, Any] = {name: view[name] for name in AS_DESCRIBED if name in view}
    detail |= {
        "clusterArn": instance.cluster_arn,
        "registeredAt": iso(instance.registered_at),
        "registeredResources": list(map(_resource, view["registeredResources"])),
        "remainingResources": list(map(_resource, view["remainingResources"])),
        "updatedAt": iso(now),
    }
    return Told(TYPE, instance.arn, detail)


def _resource(shown: dict[str, Any]) -> dict[str, Any]:
    value = "integerValue" if shown["type"] == "INTEGER" else "stringSetValue"
    return {"name": shown["name"], "type": shown["type"], value: shown[value]}
