"""Task sets as DescribeTaskSets shows them, and the capacity of whatever has tasks."""

from collections.abc import Collection, Sequence
from typing import Any

from podium.ecs.records import Service, ServiceRevision, Task, TaskSet, TaskStatus
from podium.ecs.records.statuses import COUNTED_PENDING
from podium.ecs.rules import capacity as platforms
from podium.ecs.rules import tags
from podium.ecs.scheduling import task_sets as scheduling
from podium.ecs.views.shown import present


def task_set(service: Service, record: TaskSet, tasks: Sequence[Task], include: Collection[str] = ()) -> dict[str, Any]:
    """`tasks` are the service's."""
    ours = [t for t in tasks if t.started_by == record.id]
    return present(
        id=record.id,
        taskSetArn=record.arn,
        serviceArn=record.service_arn,
        clusterArn=record.cluster_arn,
        startedBy=record.started_by,
        externalId=record.external_id,
        status=record.status,
        taskDefinition=record.task_definition_arn,
        computedDesiredCount=scheduling.desired(service, record),
        pendingCount=sum(t.last_status in COUNTED_PENDING for t in ours),
        runningCount=sum(t.last_status is TaskStatus.RUNNING for t in ours),
        createdAt=record.created_at,
        updatedAt=record.updated_at,
        loadBalancers=list(record.load_balancers),
        serviceRegistries=list(record.service_registries),
        scale={"value": record.scale, "unit": "PERCENT"},
        stabilityStatus="STEADY_STATE" if record.steady else "STABILIZING",
        stabilityStatusAt=record.steady_at,
        tags=tags.shown(record.tags) if "TAGS" in include else [],
        **capacity(record),
    )


def capacity(workload: Service | ServiceRevision | TaskSet, *, of_tasks: bool = False) -> dict[str, Any]:
    """Launch type or strategy, platform and network. `of_tasks` shows LATEST as the number that tasks run on."""
    version, family = workload.platform_version, workload.platform_family
    return present(
        launchType=workload.launch_type,
        capacityProviderStrategy=list(workload.capacity_provider_strategy) or None,
        platformVersion=platforms.number(version, family) if of_tasks else version,
        platformFamily=family,
        networkConfiguration=workload.network_configuration,
    )
