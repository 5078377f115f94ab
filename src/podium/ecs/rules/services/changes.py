"""What of an update begins a deployment.

Source: Amazon ECS API Reference, UpdateService.
"""

from podium.ecs.errors import InvalidParameter
from podium.ecs.records import Service
from podium.ecs.records.services import WORKLOAD

WITHOUT_DEPLOYMENT = ("monitoring", "launch_type", "runs_on", "platform_family")


def begins_deployment(before: Service, after: Service, forced: bool) -> bool:
    """Whether its tasks are to be others than they are. What only counts or places them begins none."""
    names = [name for name in WORKLOAD if name not in WITHOUT_DEPLOYMENT]
    changed = any(getattr(before, name) != getattr(after, name) for name in names)
    return forced or changed or before.controller != after.controller


def capacity(before: Service, after: Service, forced: bool) -> None:
    """Other capacity needs a deployment that was asked for. Raises InvalidParameter."""
    if not forced and before.capacity_provider_strategy != after.capacity_provider_strategy:
        raise InvalidParameter(
            "When switching from launch type to capacity provider strategy on an existing service, or making a change "
            "to a capacity provider strategy on a service that is already using one, you must force a new deployment."
        )
