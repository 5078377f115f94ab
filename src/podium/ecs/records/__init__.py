"""What ECS remembers. One module a noun."""

from podium.ecs.records.account_settings import AccountSetting
from podium.ecs.records.capacity_providers import CapacityProvider, ProviderKind
from podium.ecs.records.clusters import Cluster
from podium.ecs.records.daemons import Daemon, DaemonDeployment, DaemonRevision, DaemonTaskDefinition
from podium.ecs.records.deployments import DeploymentStatus, ServiceDeployment, ServiceRevision, TaskSet
from podium.ecs.records.express import ExpressService
from podium.ecs.records.gateways import Gateway, GatewayAssociation
from podium.ecs.records.instances import ContainerInstance, InstanceCheck, InstanceStatus
from podium.ecs.records.protections import TaskProtection
from podium.ecs.records.services import (
    DaemonServiceReservation,
    Deployment,
    Rollout,
    Service,
    ServiceEvent,
    ServiceStatus,
)
from podium.ecs.records.sessions import ExecSession
from podium.ecs.records.statuses import Health, StopCode, TaskStatus
from podium.ecs.records.task_definitions import Family, TaskDefinition, TaskDefinitionStatus
from podium.ecs.records.tasks import Container, QueuedTask, Registration, Stranger, Task, TaskTarget
from podium.ecs.records.totals import CountedByDeployment, CountedByLaunchType, Held

ALL = (
    AccountSetting,
    CapacityProvider,
    Cluster,
    ContainerInstance,
    Daemon,
    DaemonDeployment,
    DaemonRevision,
    DaemonServiceReservation,
    DaemonTaskDefinition,
    ExecSession,
    ExpressService,
    Family,
    Gateway,
    GatewayAssociation,
    QueuedTask,
    Service,
    ServiceEvent,
    Stranger,
    Task,
    TaskDefinition,
    TaskProtection,
    ServiceDeployment,
    ServiceRevision,
    TaskSet,
)

__all__ = [
    "ALL",
    "AccountSetting",
    "CapacityProvider",
    "Cluster",
    "Container",
    "ContainerInstance",
    "CountedByDeployment",
    "CountedByLaunchType",
    "Daemon",
    "DaemonDeployment",
    "DaemonRevision",
    "DaemonServiceReservation",
    "DaemonTaskDefinition",
    "Deployment",
    "DeploymentStatus",
    "ExecSession",
    "ExpressService",
    "Family",
    "Gateway",
    "GatewayAssociation",
    "Health",
    "Held",
    "InstanceCheck",
    "InstanceStatus",
    "ProviderKind",
    "QueuedTask",
    "Registration",
    "Rollout",
    "Service",
    "ServiceDeployment",
    "ServiceEvent",
    "ServiceRevision",
    "ServiceStatus",
    "StopCode",
    "Stranger",
    "Task",
    "TaskDefinition",
    "TaskDefinitionStatus",
    "TaskProtection",
    "TaskSet",
    "TaskStatus",
    "TaskTarget",
]
