"""Services as DescribeServices shows them."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from podium.ecs import histories
from podium.ecs.records import (
    Deployment,
    Service,
    ServiceEvent,
    ServiceRevision,
    ServiceStatus,
    Task,
    TaskSet,
    TaskStatus,
)
from podium.ecs.rules import tags
from podium.ecs.views import task_sets
from podium.ecs.views.clusters import pending_task
from podium.ecs.views.shown import present
from podium.store.session import Transaction


def service(tx: Transaction, record: Service, include: Collection[str] = ()) -> dict[str, Any]:
    tasks = tx.list(Task, service_arn=record.arn) if record.status is not ServiceStatus.INACTIVE else []
    sets = _task_sets(tx, record)
    shown: Service | TaskSet = next((s for s in sets if s.status == "PRIMARY"), record)
    return present(
        serviceArn=record.arn,
        serviceName=record.name,
        clusterArn=record.cluster_arn,
        loadBalancers=list(shown.load_balancers),
        serviceRegistries=list(shown.service_registries),
        status=record.status.value,
        desiredCount=record.desired_count,
        runningCount=running(tasks),
        pendingCount=pending(tasks),
        taskDefinition=shown.task_definition_arn or None,
        deploymentConfiguration=deployment_configuration(record),
        taskSets=None if record.controller == "ECS" else [task_sets.task_set(record, s, tasks) for s in sets],
        deployments=[_deployment(tx, record, d, tasks) for d in record.deployments],
        roleArn=record.role_arn,
        events=_events(tx, record),
        createdAt=record.created_at,
        currentServiceDeployment=_current_deployment(tx, record),
        currentServiceRevisions=_current_revisions(record, tasks),
        placementConstraints=list(record.placement_constraints),
        placementStrategy=list(record.placement_strategy),
        healthCheckGracePeriodSeconds=record.health_check_grace_seconds,
        schedulingStrategy=record.scheduling_strategy,
        deploymentController={"type": record.controller},
        tags=tags.shown(record.tags) if "TAGS" in include else None,
        createdBy=record.created_by,
        enableECSManagedTags=record.enable_ecs_managed_tags,
        propagateTags=record.propagate_tags,
        enableExecuteCommand=record.enable_execute_command,
        availabilityZoneRebalancing=record.availability_zone_rebalancing,
        resourceManagementType=record.resource_management,
        **task_sets.capacity(shown),
    )


def _task_sets(tx: Transaction, record: Service) -> list[TaskSet]:
    return [] if record.controller == "ECS" else tx.list(TaskSet, service_arn=record.arn)


def deployment_configuration(record: Service) -> dict[str, Any]:
    return present(
        deploymentCircuitBreaker={
            "enable": record.circuit_breaker,
            "rollback": record.circuit_breaker_rollback,
            "resetOnHealthyTask": record.circuit_breaker_forgives,
            "thresholdConfiguration": {"type": record.circuit_breaker_type, "value": record.circuit_breaker_value},
        },
        maximumPercent=record.maximum_percent,
        minimumHealthyPercent=record.minimum_healthy_percent,
        alarms=record.alarms,
        strategy=record.deployment_strategy,
        bakeTimeInMinutes=record.bake_minutes,
        lifecycleHooks=list(record.lifecycle_hooks) or None,
        linearConfiguration=record.linear,
        canaryConfiguration=record.canary,
        earlySuccessCriteria=record.early_success,
    )


def _deployment(tx: Transaction, service: Service, record: Deployment, tasks: Sequence[Task]) -> dict[str, Any]:
    ours = [t for t in tasks if t.started_by == record.id]
    workload = tx.get(ServiceRevision, record.revision_arn) or service
    classic = any(entry.get("loadBalancerName") for entry in workload.load_balancers)
    rollout = {
        "failedTasks": record.failed_tasks,
        "rolloutState": record.rollout.value,
        "rolloutStateReason": record.rollout_reason,
    }
    return present(
        id=record.id,
        status=record.status,
        taskDefinition=record.task_definition_arn,
        desiredCount=service.desired_count if record.status == "PRIMARY" else 0,
        runningCount=running(ours),
        pendingCount=pending(ours),
        createdAt=record.created_at,
        updatedAt=record.updated_at,
        serviceConnectConfiguration=workload.service_connect,
        volumeConfigurations=list(workload.volume_configurations) or None,
        vpcLatticeConfigurations=list(workload.vpc_lattice_configurations) or None,
        **task_sets.capacity(workload, of_tasks=True),
        **({} if classic else rollout),
    )


def _current_deployment(tx: Transaction, record: Service) -> str | None:
    """The service deployment that is under way, if any."""
    history = histories.of(tx, record.primary) if record.deployments else None
    return history.arn if history is not None and history.status not in histories.ENDED else None


def _current_revisions(record: Service, tasks: Sequence[Task]) -> list[dict[str, Any]] | None:
    if record.controller != "ECS":
        return None
    return [
        {
            "arn": d.revision_arn,
            "requestedTaskCount": record.desired_count if d.status == "PRIMARY" else 0,
            "runningTaskCount": running(t for t in tasks if t.started_by == d.id),
            "pendingTaskCount": pending(t for t in tasks if t.started_by == d.id),
        }
        for d in record.deployments
        if d.revision_arn
    ]


def _events(tx: Transaction, record: Service) -> list[dict[str, Any]]:
    told = sorted(tx.list(ServiceEvent, service_arn=record.arn), key=lambda e: -e.number)
    return [{"id": e.id, "createdAt": e.created_at, "message": e.message} for e in told]


def running(tasks: Iterable[Task]) -> int:
    return sum(t.last_status is TaskStatus.RUNNING for t in tasks)


def pending(tasks: Iterable[Task]) -> int:
    return sum(pending_task(t) for t in tasks)
