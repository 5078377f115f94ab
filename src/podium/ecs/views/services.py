"""Services as DescribeServices shows them."""

from collections.abc import Collection
from typing import Any

from podium.ecs import histories
from podium.ecs.records import (
    CountedByDeployment,
    Deployment,
    Service,
    ServiceEvent,
    ServiceRevision,
    ServiceStatus,
    Task,
    TaskSet,
)
from podium.ecs.rules import tags
from podium.ecs.views import task_sets
from podium.ecs.views.shown import present
from podium.store.session import Transaction


def service(tx: Transaction, record: Service, include: Collection[str] = ()) -> dict[str, Any]:
    tasks = _tasks(tx, record)
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
        runningCount=tasks.all_running(),
        pendingCount=tasks.all_pending(),
        taskDefinition=shown.task_definition_arn or None,
        deploymentConfiguration=deployment_configuration(record),
        taskSets=None if record.controller == "ECS" else _shown_sets(tx, record, sets),
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


def _deployment(tx: Transaction, service: Service, record: Deployment, tasks: CountedByDeployment) -> dict[str, Any]:
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
        runningCount=tasks.running.get(record.id, 0),
        pendingCount=tasks.pending.get(record.id, 0),
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


def _current_revisions(record: Service, tasks: CountedByDeployment) -> list[dict[str, Any]] | None:
    if record.controller != "ECS":
        return None
    return [
        {
            "arn": d.revision_arn,
            "requestedTaskCount": record.desired_count if d.status == "PRIMARY" else 0,
            "runningTaskCount": tasks.running.get(d.id, 0),
            "pendingTaskCount": tasks.pending.get(d.id, 0),
        }
        for d in record.deployments
        if d.revision_arn
    ]


def _events(tx: Transaction, record: Service) -> list[dict[str, Any]]:
    told = sorted(tx.list(ServiceEvent, service_arn=record.arn), key=lambda e: -e.number)
    return [{"id": e.id, "createdAt": e.created_at, "message": e.message} for e in told]


def _shown_sets(tx: Transaction, service: Service, sets: list[TaskSet]) -> list[dict[str, Any]]:
    tasks = tx.list(Task, service_arn=service.arn) if sets else []
    return [task_sets.task_set(service, task_set, tasks) for task_set in sets]


def _tasks(tx: Transaction, record: Service) -> CountedByDeployment:
    """How many it has; one that is gone has none of those that another of its name may have now."""
    if record.status is ServiceStatus.INACTIVE:
        return CountedByDeployment()
    counted: CountedByDeployment = tx.totals(Task, "service_arn")(record.arn)
    return counted
