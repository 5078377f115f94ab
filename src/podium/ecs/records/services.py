"""Services, their deployments and their event log."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from podium.store.records import part, record


class ServiceStatus(StrEnum):
    ACTIVE = "ACTIVE"
    DRAINING = "DRAINING"
    INACTIVE = "INACTIVE"


class Rollout(StrEnum):
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@part
class Deployment:
    """One attempt to bring the service to a task definition. The newest is PRIMARY, older ones ACTIVE."""

    id: str
    status: str = "PRIMARY"
    task_definition_arn: str
    rollout: Rollout = Rollout.IN_PROGRESS
    rollout_reason: str = ""
    failed_tasks: int = 0
    rolls_back: bool = False
    created_at: datetime
    updated_at: datetime


@record(table="ecs_services", indexes=("cluster_arn", "home"))
class Service:
    """How many tasks of which task definition should be running.

    The operations write what is wanted; the service controller alone writes `deployments`
    (after the first), the failure counters and `steady`. `minimum_healthy_percent` and
    `maximum_percent` are percentages of `desired_count`, the first rounded up, the second down.
    """

    arn: str
    home: str
    cluster_arn: str
    name: str
    status: ServiceStatus = ServiceStatus.ACTIVE
    desired_count: int
    task_definition_arn: str
    launch_type: str = "EC2"
    scheduling_strategy: str = "REPLICA"
    minimum_healthy_percent: int = 100
    maximum_percent: int = 200
    circuit_breaker: bool = False
    circuit_breaker_rollback: bool = False
    placement_constraints: tuple[dict[str, str], ...] = ()
    placement_strategy: tuple[dict[str, str], ...] = ()
    availability_zone_rebalancing: str = "ENABLED"
    health_check_grace_seconds: int = 0
    enable_ecs_managed_tags: bool = False
    enable_execute_command: bool = False
    propagate_tags: str = "NONE"
    deployments: tuple[Deployment, ...] = ()
    failed_starts: int = 0  # tasks in a row that never reached RUNNING
    last_failure_at: datetime | None = None
    start_again_at: datetime | None = None  # no task is started before this
    steady: bool = False
    steady_event_at: datetime | None = None
    problem: str | None = None  # the last problem told in the event log, not to be repeated
    problem_at: datetime | None = None
    client_token: str | None = None
    client_request: str | None = None
    tags: dict[str, str] = {}
    created_at: datetime
    created_by: str = ""
    stopped_at: datetime | None = None

    @property
    def primary(self) -> Deployment:
        return self.deployments[0]


@record(table="ecs_service_events", indexes=("service_arn",))
class ServiceEvent:
    """One line of a service's event log. `arn` is the service's with the event's id; `number` orders them."""

    arn: str
    service_arn: str
    id: str
    number: int
    message: str
    created_at: datetime


def fingerprint(request: dict[str, Any]) -> str:
    """What a client token is compared by: the request without the token, in one canonical text."""
    return repr(sorted((k, repr(v)) for k, v in request.items() if k != "clientToken"))
