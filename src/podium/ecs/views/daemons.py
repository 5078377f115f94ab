"""Daemons, their revisions, deployments and task definitions as the API shows them."""

from typing import Any

from podium.ecs.records import Daemon, DaemonDeployment, DaemonRevision, DaemonTaskDefinition
from podium.ecs.views.shown import present


def daemon_task_definition(record: DaemonTaskDefinition) -> dict[str, Any]:
    return {
        "daemonTaskDefinitionArn": record.arn,
        "family": record.family,
        "revision": record.revision,
        **record.document,
        **present(
            status=record.status,
            registeredAt=record.registered_at,
            registeredBy=record.registered_by,
            deleteRequestedAt=record.delete_requested_at,
        ),
    }


def definition_summary(record: DaemonTaskDefinition) -> dict[str, Any]:
    return present(
        arn=record.arn,
        registeredAt=record.registered_at,
        registeredBy=record.registered_by,
        deleteRequestedAt=record.delete_requested_at,
        status=record.status,
    )


def told(record: Daemon) -> dict[str, Any]:
    """What UpdateDaemon and DeleteDaemon answer."""
    return {**summary(record), "deploymentArn": record.deployment_arn}


def summary(record: Daemon) -> dict[str, Any]:
    return {
        "daemonArn": record.arn,
        "status": record.status,
        "createdAt": record.created_at,
        "updatedAt": record.updated_at,
    }


def daemon(record: Daemon) -> dict[str, Any]:
    """No daemon task runs, so that every count is zero."""
    providers = [{"arn": arn, "runningCount": 0, "withoutDaemonCount": 0} for arn in record.capacity_providers]
    revision = {
        "arn": record.revision_arn,
        "capacityProviders": providers,
        "totalRunningCount": 0,
        "totalWithoutDaemonCount": 0,
    }
    return {**told(record), "clusterArn": record.cluster_arn, "currentRevisions": [revision]}


def revision(record: DaemonRevision) -> dict[str, Any]:
    return {
        "daemonRevisionArn": record.arn,
        "clusterArn": record.cluster_arn,
        "daemonArn": record.daemon_arn,
        "daemonTaskDefinitionArn": record.task_definition_arn,
        "createdAt": record.created_at,
        "containerImages": list(record.container_images),
        "propagateTags": record.propagate_tags,
        "enableECSManagedTags": record.enable_ecs_managed_tags,
        "enableExecuteCommand": record.enable_execute_command,
        "critical": record.critical,
    }


def deployment(record: DaemonDeployment, target: DaemonRevision | None) -> dict[str, Any]:
    alarms = record.configuration.get("alarms") or {}
    return present(
        daemonDeploymentArn=record.arn,
        clusterArn=record.cluster_arn,
        status=record.status,
        statusReason=record.status_reason,
        targetDaemonRevision=_progress(record.target_revision_arn, target.capacity_providers if target else ()),
        sourceDaemonRevisions=[_progress(arn, ()) for arn in record.source_revision_arns],
        circuitBreaker={"failureCount": 0, "status": "DISABLED", "threshold": 0},
        alarms={"status": "DISABLED", "alarmNames": alarms.get("alarmNames", []), "triggeredAlarmNames": []},
        deploymentConfiguration=record.configuration,
        createdAt=record.created_at,
        stoppedAt=record.stopped_at,
        finishedAt=record.stopped_at,
    )


def deployment_summary(record: DaemonDeployment) -> dict[str, Any]:
    return present(
        daemonDeploymentArn=record.arn,
        daemonArn=record.daemon_arn,
        clusterArn=record.cluster_arn,
        status=record.status,
        statusReason=record.status_reason,
        targetDaemonRevisionArn=record.target_revision_arn,
        createdAt=record.created_at,
        stoppedAt=record.stopped_at,
        finishedAt=record.stopped_at,
    )


def _progress(revision_arn: str, providers: tuple[str, ...]) -> dict[str, Any]:
    zeros = {"runningInstanceCount": 0, "withoutDaemonInstanceCount": 0, "drainingInstanceCount": 0}
    return {
        "arn": revision_arn,
        "capacityProviders": [{"arn": arn, **zeros} for arn in providers],
        "totalRunningInstanceCount": 0,
        "totalWithoutDaemonInstanceCount": 0,
        "totalDrainingInstanceCount": 0,
    }
