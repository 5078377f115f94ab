"""Services as DescribeServices shows them."""

from collections.abc import Collection, Sequence
from typing import Any

from podium.ecs.records import Deployment, Service, ServiceEvent, ServiceStatus, Task, TaskStatus
from podium.ecs.rules import tags
from podium.ecs.views.clusters import pending_task
from podium.ecs.views.shown import present
from podium.store.session import Transaction


def service(tx: Transaction, record: Service, include: Collection[str] = ()) -> dict[str, Any]:
    tasks = tx.list(Task, service_arn=record.arn) if record.status is not ServiceStatus.INACTIVE else []
    return present(
        serviceArn=record.arn,
        serviceName=record.name,
        clusterArn=record.cluster_arn,
        loadBalancers=[],
        serviceRegistries=[],
        status=record.status.value,
        desiredCount=record.desired_count,
        runningCount=_running(tasks),
        pendingCount=_pending(tasks),
        launchType=record.launch_type,
        taskDefinition=record.task_definition_arn,
        deploymentConfiguration=deployment_configuration(record),
        deployments=[_deployment(record, d, tasks) for d in record.deployments],
        events=_events(tx, record),
        createdAt=record.created_at,
        placementConstraints=list(record.placement_constraints),
        placementStrategy=list(record.placement_strategy),
        healthCheckGracePeriodSeconds=record.health_check_grace_seconds,
        schedulingStrategy=record.scheduling_strategy,
        deploymentController={"type": "ECS"},
        tags=tags.shown(record.tags) if "TAGS" in include else None,
        createdBy=record.created_by,
        enableECSManagedTags=record.enable_ecs_managed_tags,
        propagateTags=record.propagate_tags,
        enableExecuteCommand=record.enable_execute_command,
        availabilityZoneRebalancing=record.availability_zone_rebalancing,
        resourceManagementType="CUSTOMER",
    )


def deployment_configuration(record: Service) -> dict[str, Any]:
    return {
        "deploymentCircuitBreaker": {
            "enable": record.circuit_breaker,
            "rollback": record.circuit_breaker_rollback,
            "resetOnHealthyTask": True,
            "thresholdConfiguration": {"type": "BOUNDED_PERCENT", "value": 50},
        },
        "maximumPercent": record.maximum_percent,
        "minimumHealthyPercent": record.minimum_healthy_percent,
        "strategy": "ROLLING",
        "bakeTimeInMinutes": 0,
    }


def _deployment(service: Service, record: Deployment, tasks: Sequence[Task]) -> dict[str, Any]:
    ours = [t for t in tasks if t.started_by == record.id]
    return {
        "id": record.id,
        "status": record.status,
        "taskDefinition": record.task_definition_arn,
        "desiredCount": service.desired_count if record.status == "PRIMARY" else 0,
        "runningCount": _running(ours),
        "pendingCount": _pending(ours),
        "failedTasks": record.failed_tasks,
        "createdAt": record.created_at,
        "updatedAt": record.updated_at,
        "launchType": service.launch_type,
        "rolloutState": record.rollout.value,
        "rolloutStateReason": record.rollout_reason,
    }


def _events(tx: Transaction, record: Service) -> list[dict[str, Any]]:
    told = sorted(tx.list(ServiceEvent, service_arn=record.arn), key=lambda e: -e.number)
    return [{"id": e.id, "createdAt": e.created_at, "message": e.message} for e in told]


def _running(tasks: Sequence[Task]) -> int:
    return sum(t.last_status is TaskStatus.RUNNING for t in tasks)


def _pending(tasks: Sequence[Task]) -> int:
    return sum(pending_task(t) for t in tasks)
