"""Clusters as DescribeClusters shows them."""

from collections.abc import Collection, Sequence
from typing import Any

from podium.ecs.records import (
    Cluster,
    ContainerInstance,
    CountedByLaunchType,
    InstanceStatus,
    Service,
    ServiceStatus,
    Task,
)
from podium.ecs.rules import clusters, tags
from podium.ecs.views.shown import present
from podium.store.session import Transaction


def cluster(tx: Transaction, record: Cluster, include: Collection[str] = ()) -> dict[str, Any]:
    """Counters are counted now. Settings, tags and statistics are empty lists unless asked for."""
    instances = tx.list(ContainerInstance, cluster_arn=record.arn)
    tasks = tx.totals(Task, "cluster_arn")(record.arn)
    services = tx.list(Service, cluster_arn=record.arn)
    view: dict[str, Any] = {
        "clusterArn": record.arn,
        "clusterName": record.name,
        "status": record.status,
        "registeredContainerInstancesCount": sum(i.status is not InstanceStatus.INACTIVE for i in instances),
        "runningTasksCount": tasks.all_running(),
        "pendingTasksCount": tasks.all_pending(),
        "activeServicesCount": sum(s.status is ServiceStatus.ACTIVE for s in services),
        "statistics": _statistics(tasks, services) if "STATISTICS" in include else [],
        "tags": tags.shown(record.tags) if "TAGS" in include else [],
        "settings": list(record.settings) if "SETTINGS" in include else [],
        "capacityProviders": list(record.capacity_providers),
        "defaultCapacityProviderStrategy": list(record.default_strategy),
    }
    if "ATTACHMENTS" in include and record.attachments:
        view["attachments"] = list(record.attachments)
        view |= present(attachmentsStatus=clusters.attachments_status(record.attachments))
    if "CONFIGURATIONS" in include and record.configuration is not None:
        view["configuration"] = record.configuration
    if record.service_connect_defaults is not None:
        view["serviceConnectDefaults"] = record.service_connect_defaults
    return view


LAUNCH_TYPES = {
    "EC2": "EC2",
    "Fargate": "FARGATE",
    "External": "EXTERNAL",
    "ManagedInstances": "MANAGED_INSTANCES",
}


def _statistics(tasks: CountedByLaunchType, services: Sequence[Service]) -> list[dict[str, str]]:
    """Tasks, then services, by where they run."""
    values: dict[str, int] = {}
    for kinds in (("EC2", "Fargate"), ("External",), ("ManagedInstances",)):
        for state, counts in (("running", tasks.running), ("pending", tasks.pending)):
            for kind in kinds:
                values[f"{state}{kind}TasksCount"] = counts.get(LAUNCH_TYPES[kind], 0)
    for kinds in (("EC2", "Fargate"), ("External",), ("ManagedInstances",)):
        for status in (ServiceStatus.ACTIVE, ServiceStatus.DRAINING):
            for kind in kinds:
                of_kind = [s for s in services if s.runs_on == LAUNCH_TYPES[kind]]
                values[f"{status.lower()}{kind}ServiceCount"] = sum(s.status is status for s in of_kind)
    return [{"name": name, "value": str(value)} for name, value in values.items()]
