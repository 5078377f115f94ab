"""What a service ran and how it came there: revisions, service deployments, task sets."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from podium.store.records import record


class DeploymentStatus(StrEnum):
    """Of a service deployment. Source: Amazon ECS API Reference, ServiceDeployment, `status`."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    SUCCESSFUL = "SUCCESSFUL"
    STOP_REQUESTED = "STOP_REQUESTED"
    STOPPED = "STOPPED"
    ROLLBACK_REQUESTED = "ROLLBACK_REQUESTED"
    ROLLBACK_IN_PROGRESS = "ROLLBACK_IN_PROGRESS"
    ROLLBACK_SUCCESSFUL = "ROLLBACK_SUCCESSFUL"
    ROLLBACK_FAILED = "ROLLBACK_FAILED"


@record(table="ecs_service_revisions", indexes=("service_arn",))
class ServiceRevision:
    """A service's workload as it was when a deployment began. Never changes; goes with its service.

    But for `digests`, by container: the service controller writes each once, when the first of its tasks found it.
    From then on tasks of the revision run that image, whatever becomes of its tag, and after a rollback too.
    """

    arn: str
    service_arn: str
    cluster_arn: str
    task_definition_arn: str
    launch_type: str | None = None
    runs_on: str = "EC2"
    capacity_provider_strategy: tuple[dict[str, Any], ...] = ()
    platform_version: str | None = None
    platform_family: str | None = None
    network_configuration: dict[str, Any] | None = None
    load_balancers: tuple[dict[str, Any], ...] = ()
    service_registries: tuple[dict[str, Any], ...] = ()
    service_connect: dict[str, Any] | None = None
    volume_configurations: tuple[dict[str, Any], ...] = ()
    vpc_lattice_configurations: tuple[dict[str, Any], ...] = ()
    gateway_connectors: tuple[dict[str, Any], ...] = ()
    monitoring: dict[str, Any] | None = None
    digests: dict[str, str] = {}
    created_at: datetime


@record(table="ecs_service_deployments", indexes=("service_arn", "status"))
class ServiceDeployment:
    """The history of one deployment, kept for ninety days and gone with its service.

    `number` orders the deployments of a service. The operations write the first state and what a caller
    asks for; the service controller writes the rest. `configuration` is the deployment configuration as
    the API showed it when the deployment began.
    """

    arn: str
    service_arn: str
    cluster_arn: str
    number: int
    status: DeploymentStatus = DeploymentStatus.PENDING
    status_reason: str | None = None
    source_revisions: tuple[str, ...] = ()
    target_revision: str
    configuration: dict[str, Any] = {}
    rollback: dict[str, Any] | None = None
    breaker_status: str = "DISABLED"
    breaker_failures: int = 0
    breaker_threshold: int = 0
    alarms_triggered: tuple[str, ...] = ()
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    stopped_at: datetime | None = None
    updated_at: datetime


@record(table="ecs_task_sets", indexes=("service_arn", "task_definition_arn"))
class TaskSet:
    """Tasks of one kind within a service whose deployments somebody else controls.

    `status` is PRIMARY, ACTIVE or DRAINING. `scale` is a percentage of the service's desired count. The
    operations write what is wanted; the service controller writes `steady`, `steady_at` and the failures.
    """

    arn: str
    id: str
    home: str
    service_arn: str
    cluster_arn: str
    external_id: str | None = None
    started_by: str | None = None
    status: str = "ACTIVE"
    scale: float = 0.0
    task_definition_arn: str
    launch_type: str | None = None
    runs_on: str = "EC2"
    capacity_provider_strategy: tuple[dict[str, Any], ...] = ()
    platform_version: str | None = None
    platform_family: str | None = None
    network_configuration: dict[str, Any] | None = None
    load_balancers: tuple[dict[str, Any], ...] = ()
    service_registries: tuple[dict[str, Any], ...] = ()
    service_connect: dict[str, Any] | None = None
    volume_configurations: tuple[dict[str, Any], ...] = ()
    vpc_lattice_configurations: tuple[dict[str, Any], ...] = ()
    gateway_connectors: tuple[dict[str, Any], ...] = ()
    monitoring: dict[str, Any] | None = None
    steady: bool = False
    steady_at: datetime | None = None  # when `steady` last changed
    failed_starts: int = 0  # tasks in a row that never reached RUNNING
    last_failure_at: datetime | None = None
    healthy_at_last_failure: int = 0
    start_again_at: datetime | None = None  # no task is started before this
    client_token: str | None = None
    client_request: str | None = None
    tags: dict[str, str] = {}
    created_at: datetime
    updated_at: datetime
