"""How a service comes by a deployment: each is PRIMARY first, and ACTIVE once a newer one came."""

from dataclasses import replace
from datetime import datetime

from podium.ecs.records import Deployment, Service
from podium.kernel.ids import Ids


def new_deployment(ids: Ids, task_definition_arn: str, now: datetime, reason: str | None = None) -> Deployment:
    """`reason` is given by a rollback alone, which is never itself rolled back."""
    name = f"ecs-svc/{ids.digits19()}"
    return Deployment(
        id=name,
        task_definition_arn=task_definition_arn,
        rollout_reason=reason or f"ECS deployment {name} in progress.",
        rolls_back=reason is not None,
        created_at=now,
        updated_at=now,
    )


def superseded(service: Service, deployment: Deployment) -> tuple[Deployment, ...]:
    """The service's deployments with `deployment` as PRIMARY, the others ACTIVE."""
    return (deployment, *(replace(d, status="ACTIVE") for d in service.deployments))


def scaling_reason(service: Service) -> str:
    at = f"(deployment {service.primary.id})" if service.deployments else f"(service {service.name})"
    return f"Scaling activity initiated by {at}"
