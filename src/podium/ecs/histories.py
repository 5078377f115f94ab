"""Service deployments and revisions: written beside the service whose course they tell.

Source: Amazon ECS Developer Guide, "View service history using Amazon ECS service deployments".
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from podium.ecs.records import Deployment, DeploymentStatus, Rollout, Service, ServiceDeployment, ServiceRevision, Task
from podium.ecs.records import DeploymentStatus as S
from podium.ecs.records.services import WORKLOAD
from podium.ecs.scheduling import breaker, deployments
from podium.kernel.ids import Ids
from podium.store.records import replace
from podium.store.session import Transaction

ENDED = frozenset({S.SUCCESSFUL, S.STOPPED, S.ROLLBACK_SUCCESSFUL, S.ROLLBACK_FAILED})
STOPPABLE = frozenset({S.PENDING, S.IN_PROGRESS})
SUPERSEDED = "Service deployment stopped because a newer service deployment was started."
THRESHOLD_EXCEEDED = "the circuit breaker threshold was exceeded."
NO_CANDIDATE = "No rollback candidate was found to run the rollback."


def begin(tx: Transaction, ids: Ids, service: Service, now: datetime, configuration: Mapping[str, Any]) -> Service:
    """The service with a new PRIMARY deployment of what it is now. One that is still under way is to stop.

    `configuration` is the deployment configuration as the API shows it.
    """
    revision = tx.put(_revision(service, ids, now))
    for running in service.deployments:
        _stop_superseded(tx, running, now)
    history = tx.put(_history(tx, service, ids, now, revision.arn, configuration))
    made = deployments.new_deployment(ids, service.task_definition_arn, now)
    made = replace(made, revision_arn=revision.arn, service_deployment_arn=history.arn)
    return deployments.beginning(service, made)


def _revision(service: Service, ids: Ids, now: datetime) -> ServiceRevision:
    return ServiceRevision(
        arn=f"{_beside(service, 'service-revision')}/{ids.digits19()}",
        service_arn=service.arn,
        cluster_arn=service.cluster_arn,
        created_at=now,
        **{name: getattr(service, name) for name in WORKLOAD},
    )


def _history(
    tx: Transaction, service: Service, ids: Ids, now: datetime, target: str, configuration: Mapping[str, Any]
) -> ServiceDeployment:
    told = tx.list(ServiceDeployment, service_arn=service.arn)
    return ServiceDeployment(
        arn=f"{_beside(service, 'service-deployment')}/{ids.nano21()}",
        service_arn=service.arn,
        cluster_arn=service.cluster_arn,
        number=max((h.number for h in told), default=0) + 1,
        source_revisions=tuple(dict.fromkeys(d.revision_arn for d in service.deployments if d.revision_arn)),
        target_revision=target,
        configuration=dict(configuration),
        breaker_status="MONITORING" if service.circuit_breaker else "DISABLED",
        breaker_threshold=breaker.threshold_of(service) if service.circuit_breaker else 0,
        created_at=now,
        updated_at=now,
    )


def _beside(service: Service, kind: str) -> str:
    return service.arn.replace(":service/", f":{kind}/", 1)


def _stop_superseded(tx: Transaction, running: Deployment, now: datetime) -> None:
    history = of(tx, running)
    if history is not None and history.status not in ENDED:
        tx.put(replace(history, status=S.STOP_REQUESTED, status_reason=SUPERSEDED, updated_at=now))


def of(tx: Transaction, deployment: Deployment) -> ServiceDeployment | None:
    """None for the deployment of a service from before histories were kept."""
    return tx.get(ServiceDeployment, deployment.service_deployment_arn)


def moved(tx: Transaction, deployment: Deployment, status: DeploymentStatus, now: datetime, **told: Any) -> None:
    """The deployment's history comes to `status`. What has ended stays as it is."""
    history = of(tx, deployment)
    if history is None or history.status in ENDED or (history.status is status and not told):
        return
    moments: dict[str, Any] = {"updated_at": now, "started_at": history.started_at or now}
    if status in ENDED:
        moments["finished_at"] = now
        if history.breaker_status == "MONITORING":
            told = {"breaker_status": "MONITORING_COMPLETE", **told}
    if status is S.STOPPED:
        moments["stopped_at"] = now
    tx.put(replace(history, status=status, **moments, **told))


def follow(tx: Transaction, service: Service, now: datetime) -> None:
    """What is begun is in progress, what was superseded has stopped; failures are counted, and how many end it."""
    for history in tx.list(ServiceDeployment, service_arn=service.arn, status=S.STOP_REQUESTED):
        if history.arn != service.primary.service_deployment_arn:
            tx.put(_stopped(history, now))
    current = of(tx, service.primary)
    if current is None:
        return
    if current.status is S.PENDING:
        current = tx.put(replace(current, status=S.IN_PROGRESS, started_at=now, updated_at=now))
    if service.primary.rolls_back or current.status in ENDED:
        return
    threshold = breaker.threshold_of(service) if service.circuit_breaker else current.breaker_threshold
    if (current.breaker_failures, current.breaker_threshold) != (service.primary.failed_tasks, threshold):
        failures = service.primary.failed_tasks
        tx.put(replace(current, breaker_failures=failures, breaker_threshold=threshold, updated_at=now))


def _stopped(history: ServiceDeployment, now: datetime) -> ServiceDeployment:
    status = "MONITORING_COMPLETE" if history.breaker_status == "MONITORING" else history.breaker_status
    return replace(history, status=S.STOPPED, stopped_at=now, finished_at=now, updated_at=now, breaker_status=status)


def pin(tx: Transaction, service: Service, tasks: Iterable[Task]) -> None:
    """The digests that the first task of the newest deployment found are those of its revision from now on.

    An image that no registry knows has none.
    """
    newest, revision = service.primary.id, tx.get(ServiceRevision, service.primary.revision_arn)
    if revision is None or revision.digests:
        return
    first = next((t for t in tasks if t.started_by == newest and t.started_at is not None), None)
    if first is not None and (found := {c.name: c.image_digest for c in first.containers if c.image_digest}):
        tx.put(replace(revision, digests=found))


def explained(tx: Transaction, deployment: Deployment, reason: str | None, now: datetime) -> None:
    """Why the deployment is where it is, as long as it has not ended."""
    history = of(tx, deployment)
    if history is not None and history.status not in ENDED and history.status_reason != reason:
        tx.put(replace(history, status_reason=reason, updated_at=now))


def roll_back(tx: Transaction, service: Service, to: Deployment, now: datetime, why: str, cause: str = "") -> Service:
    """The service back at the deployment `to`, which is PRIMARY again with the tasks that it has, and goes on with the
    history of the one that failed.

    `why` becomes its rollout reason, `cause` is what the history says.
    """
    failed = service.primary
    reason = f"Service deployment rolled back because {cause}"
    history = of(tx, failed)
    if history is not None and history.status is S.ROLLBACK_REQUESTED:
        reason = "Service deployment rolled back because a user requested it."
    moved(
        tx,
        failed,
        S.ROLLBACK_IN_PROGRESS,
        now,
        status_reason=reason,
        rollback={"reason": reason, "startedAt": now.isoformat(), "serviceRevisionArn": to.revision_arn},
    )
    again = replace(
        to,
        status="PRIMARY",
        rollout=Rollout.IN_PROGRESS,
        rollout_reason=why,
        failed_tasks=0,
        rolls_back=True,
        baking_since=None,
        baking_until=None,
        service_deployment_arn=failed.service_deployment_arn,
        updated_at=now,
    )
    revision = tx.get(ServiceRevision, to.revision_arn)
    workload = {name: getattr(revision, name) for name in WORKLOAD} if revision else {}
    service = replace(service, **{"task_definition_arn": to.task_definition_arn, **workload})
    return deployments.beginning(service, again)


def forget(tx: Transaction, service_arn: str) -> None:
    """A service's deployments and revisions go with it."""
    for kind in (ServiceDeployment, ServiceRevision):
        for record in tx.list(kind, service_arn=service_arn):
            tx.delete(record)
