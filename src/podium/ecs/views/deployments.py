"""Service deployments and service revisions as their Describe operations show them."""

from datetime import datetime
from typing import Any

from podium.ecs.records import Deployment, Service, ServiceDeployment, ServiceRevision, Task, TaskDefinition
from podium.ecs.views import task_sets
from podium.ecs.views.shown import present
from podium.store.session import Transaction

NO_ALARMS: dict[str, Any] = {"alarmNames": [], "rollback": False, "enable": False}


def brief(record: ServiceDeployment) -> dict[str, Any]:
    return present(
        serviceDeploymentArn=record.arn,
        serviceArn=record.service_arn,
        clusterArn=record.cluster_arn,
        startedAt=record.started_at,
        createdAt=record.created_at,
        finishedAt=record.finished_at,
        targetServiceRevisionArn=record.target_revision,
        status=record.status.value,
        statusReason=record.status_reason,
    )


def service_deployment(tx: Transaction, record: ServiceDeployment) -> dict[str, Any]:
    alarms = record.configuration.get("alarms") or NO_ALARMS
    shown = brief(record)
    del shown["targetServiceRevisionArn"]
    return {
        **shown,
        **present(
            stoppedAt=record.stopped_at,
            updatedAt=record.updated_at,
            sourceServiceRevisions=[_summary(tx, record, arn) for arn in record.source_revisions],
            targetServiceRevision=_summary(tx, record, record.target_revision),
            deploymentConfiguration={**record.configuration, "alarms": alarms},
            rollback=_rollback(record),
            deploymentCircuitBreaker={
                "status": record.breaker_status,
                "failureCount": record.breaker_failures,
                "threshold": record.breaker_threshold,
            },
            alarms=_alarms(record, alarms),
        ),
    }


def _alarms(record: ServiceDeployment, alarms: dict[str, Any]) -> dict[str, Any]:
    if not alarms["alarmNames"]:
        return {"status": "DISABLED"}
    return {
        "status": _watching(record, alarms),
        "alarmNames": alarms["alarmNames"],
        "triggeredAlarmNames": list(record.alarms_triggered),
    }


def _watching(record: ServiceDeployment, alarms: dict[str, Any]) -> str:
    if not alarms["enable"]:
        return "DISABLED"
    if record.alarms_triggered:
        return "TRIGGERED"
    return "MONITORING" if record.finished_at is None else "MONITORING_COMPLETE"


def _rollback(record: ServiceDeployment) -> dict[str, Any] | None:
    if record.rollback is None:
        return None
    return {**record.rollback, "startedAt": datetime.fromisoformat(record.rollback["startedAt"])}


def _summary(tx: Transaction, record: ServiceDeployment, revision_arn: str) -> dict[str, Any]:
    """How many tasks the revision is to have and has now."""
    service = tx.get(Service, record.service_arn)
    running = [d for d in service.deployments if d.revision_arn == revision_arn] if service else []
    tasks = tx.totals(Task, "service_arn")(record.service_arn)
    return {
        "arn": revision_arn,
        "requestedTaskCount": sum(_requested(service, d) for d in running) if service else 0,
        "runningTaskCount": sum(tasks.running.get(d.id, 0) for d in running),
        "pendingTaskCount": sum(tasks.pending.get(d.id, 0) for d in running),
    }


def _requested(service: Service, deployment: Deployment) -> int:
    return service.desired_count if deployment.status == "PRIMARY" else 0


def revision(tx: Transaction, record: ServiceRevision) -> dict[str, Any]:
    return present(
        serviceRevisionArn=record.arn,
        serviceArn=record.service_arn,
        clusterArn=record.cluster_arn,
        taskDefinition=record.task_definition_arn,
        loadBalancers=list(record.load_balancers),
        serviceRegistries=list(record.service_registries),
        containerImages=_images(tx, record),
        guardDutyEnabled=False,
        serviceConnectConfiguration=record.service_connect,
        volumeConfigurations=list(record.volume_configurations) or None,
        vpcLatticeConfigurations=list(record.vpc_lattice_configurations) or None,
        gatewayConnectors=list(record.gateway_connectors) or None,
        monitoring=record.monitoring,
        createdAt=record.created_at,
        **task_sets.capacity(record, of_tasks=True),
    )


def _images(tx: Transaction, record: ServiceRevision) -> list[dict[str, str]]:
    """Each container's image, with the digest that a task of the revision found."""
    definition = tx.get(TaskDefinition, record.task_definition_arn)
    if definition is None:
        return []
    tasks = tx.list(Task, service_arn=record.service_arn, task_definition_arn=record.task_definition_arn)
    digests = {c.name: c.image_digest for t in tasks for c in t.containers if c.image_digest} | record.digests
    return [
        present(containerName=c["name"], image=c["image"], imageDigest=digests.get(c["name"]))
        for c in definition.containers
    ]
