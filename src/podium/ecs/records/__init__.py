"""What ECS remembers. One module a noun."""

from podium.ecs.records.clusters import Cluster
from podium.ecs.records.instances import ContainerInstance, InstanceStatus
from podium.ecs.records.services import Deployment, Rollout, Service, ServiceEvent, ServiceStatus
from podium.ecs.records.task_definitions import Family, TaskDefinition, TaskDefinitionStatus
from podium.ecs.records.tasks import Container, Health, StopCode, Stranger, Task, TaskStatus

ALL = (Cluster, ContainerInstance, Family, Service, ServiceEvent, Stranger, Task, TaskDefinition)

__all__ = [
    "ALL",
    "Cluster",
    "Container",
    "ContainerInstance",
    "Deployment",
    "Family",
    "Health",
    "InstanceStatus",
    "Rollout",
    "Service",
    "ServiceEvent",
    "ServiceStatus",
    "StopCode",
    "Stranger",
    "Task",
    "TaskDefinition",
    "TaskDefinitionStatus",
    "TaskStatus",
]
