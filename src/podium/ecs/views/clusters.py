"""Clusters as DescribeClusters shows them."""

from collections.abc import Collection
from typing import Any

from podium.ecs.lifecycle import COUNTED_PENDING
from podium.ecs.records import (
    Cluster,
    ContainerInstance,
    InstanceStatus,
    Service,
    ServiceStatus,
    Task,
    TaskStatus,
)
from podium.ecs.rules import tags
from podium.store.session import Transaction


def cluster(tx: Transaction, record: Cluster, include: Collection[str] = ()) -> dict[str, Any]:
    """Counters are counted now. Settings, tags and statistics are empty lists unless asked for."""
    instances = tx.list(ContainerInstance, cluster_arn=record.arn)
    tasks = tx.list(Task, cluster_arn=record.arn)
    services = tx.list(Service, cluster_arn=record.arn)
    running = sum(t.last_status is TaskStatus.RUNNING for t in tasks)
    pending = sum(pending_task(t) for t in tasks)
    active = sum(s.status is ServiceStatus.ACTIVE for s in services)
    draining = sum(s.status is ServiceStatus.DRAINING for s in services)
    view: dict[str, Any] = {
        "clusterArn": record.arn,
        "clusterName": record.name,
        "status": record.status,
        "registeredContainerInstancesCount": sum(i.status is not InstanceStatus.INACTIVE for i in instances),
        "runningTasksCount": running,
        "pendingTasksCount": pending,
        "activeServicesCount": active,
        "statistics": _statistics(running, pending, active, draining) if "STATISTICS" in include else [],
        "tags": tags.shown(record.tags) if "TAGS" in include else [],
        "settings": list(record.settings) if "SETTINGS" in include else [],
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
    }
    if "CONFIGURATIONS" in include and record.configuration is not None:
        view["configuration"] = record.configuration
    if record.service_connect_defaults is not None:
        view["serviceConnectDefaults"] = record.service_connect_defaults
    return view


def pending_task(task: Task) -> bool:
    return task.last_status in COUNTED_PENDING


def _statistics(running: int, pending: int, active: int, draining: int) -> list[dict[str, str]]:
    """Every task and service runs on EC2 capacity; the other launch types count zero."""
    values = {
        "runningEC2TasksCount": running,
        "runningFargateTasksCount": 0,
        "pendingEC2TasksCount": pending,
        "pendingFargateTasksCount": 0,
        "runningExternalTasksCount": 0,
        "pendingExternalTasksCount": 0,
        "runningManagedInstancesTasksCount": 0,
        "pendingManagedInstancesTasksCount": 0,
        "activeEC2ServiceCount": active,
        "activeFargateServiceCount": 0,
        "drainingEC2ServiceCount": draining,
        "drainingFargateServiceCount": 0,
        "activeExternalServiceCount": 0,
        "drainingExternalServiceCount": 0,
        "activeManagedInstancesServiceCount": 0,
        "drainingManagedInstancesServiceCount": 0,
    }
    return [{"name": name, "value": str(value)} for name, value in values.items()]
