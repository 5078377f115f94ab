"""How a service comes by a deployment: each is PRIMARY first, and ACTIVE once a newer one came."""

from datetime import datetime
from typing import TypeVar

from podium.ecs.records import Deployment, Service, TaskSet
from podium.kernel.ids import Ids
from podium.store.records import replace

S = TypeVar("S", Service, TaskSet)


def new_deployment(ids: Ids, task_definition_arn: str, now: datetime) -> Deployment:
    name = f"ecs-svc/{ids.digits19()}"
    return Deployment(
        id=name,
        task_definition_arn=task_definition_arn,
        rollout_reason=in_progress(name),
        created_at=now,
        updated_at=now,
    )


def in_progress(deployment_id: str, missing: str = "") -> str:
    """The rollout's reason. `missing` says what it waits for, when Podium does not have it."""
    return (
        f"ECS deployment {deployment_id} waits: {missing}"
        if missing
        else f"ECS deployment {deployment_id} in progress."
    )


def beginning(service: Service, deployment: Deployment) -> Service:
    """The service with `deployment` as PRIMARY and the others ACTIVE; what failed before is forgotten."""
    older = (replace(d, status="ACTIVE") for d in service.deployments if d.id != deployment.id)
    return replace(forgiven(service), deployments=(deployment, *older))


def forgiven(service: Service) -> Service:
    """The service with nothing held against it."""
    return replace(recovered(service), problem=None, problem_at=None)


def recovered(starter: S) -> S:
    """A service or a task set that starts tasks without a pause again."""
    return replace(starter, failed_starts=0, last_failure_at=None, start_again_at=None)


def scaling_reason(service: Service) -> str:
    at = f"(deployment {service.primary.id})" if service.deployments else f"(service {service.name})"
    return f"Scaling activity initiated by {at}"
