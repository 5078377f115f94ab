"""Services and their event log."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from podium.ecs.records.living import Living
from podium.store.records import part, record


class ServiceStatus(StrEnum):
    ACTIVE = "ACTIVE"
    DRAINING = "DRAINING"
    INACTIVE = "INACTIVE"


class Rollout(StrEnum):
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


WORKLOAD = (
    "task_definition_arn",
    "launch_type",
    "runs_on",
    "capacity_provider_strategy",
    "platform_version",
    "platform_family",
    "network_configuration",
    "load_balancers",
    "service_registries",
    "service_connect",
    "volume_configurations",
    "vpc_lattice_configurations",
    "gateway_connectors",
    "monitoring",
)
"""What a service's tasks are: the fields that a service, its revisions and its task sets have in common."""


@part
class Deployment:
    """One attempt to bring the service to a revision. The newest is PRIMARY, older ones ACTIVE.

    One that is rolled back to is PRIMARY once more, and goes on with the service deployment of the one that failed;
    until it is completed again it `rolls_back`. `baking_since` is when its tasks first were all healthy,
    `baking_until` when that has lasted long enough. `alarms_ignored` were in ALARM already when it began.
    """

    id: str
    status: str = "PRIMARY"
    task_definition_arn: str
    revision_arn: str = ""
    service_deployment_arn: str = ""
    rollout: Rollout = Rollout.IN_PROGRESS
    rollout_reason: str = ""
    failed_tasks: int = 0
    rolls_back: bool = False
    baking_since: datetime | None = None
    baking_until: datetime | None = None
    alarms_ignored: tuple[str, ...] = ()
    created_at: datetime
    updated_at: datetime

    @property
    def was_completed(self) -> bool:
        """Whether a rollback may go to it."""
        return self.rollout is Rollout.COMPLETED or self.rolls_back


@record(table="ecs_services", indexes=("cluster_arn", "home"), totals={"cluster_arn": Living})
class Service:
    """How many tasks of which task definition should be running.

    The operations write what is wanted; the service controller alone writes `deployments`
    (after the first), the failure counters and `steady`, and `desired_count` of a DAEMON service. Application Auto
    Scaling moves `desired_count` into the bounds that it is given.
    `minimum_healthy_percent` and `maximum_percent` are percentages of `desired_count`, the first rounded up,
    the second down. What the API gives as a structure and Podium acts on only as a whole is kept in the API's
    own names. `deployments` is empty unless the controller is ECS.
    """

    arn: str
    home: str
    cluster_arn: str
    name: str
    status: ServiceStatus = ServiceStatus.ACTIVE
    controller: str = "ECS"
    desired_count: int
    task_definition_arn: str
    launch_type: str | None = "EC2"
    runs_on: str = "EC2"  # the launch type of its tasks, whatever asked for it
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
    role_arn: str | None = None
    scheduling_strategy: str = "REPLICA"
    minimum_healthy_percent: int = 100
    maximum_percent: int = 200
    circuit_breaker: bool = False
    circuit_breaker_rollback: bool = False
    circuit_breaker_forgives: bool = True  # resetOnHealthyTask
    circuit_breaker_type: str = "BOUNDED_PERCENT"
    circuit_breaker_value: int = 50
    deployment_strategy: str = "ROLLING"
    bake_minutes: int = 0
    lifecycle_hooks: tuple[dict[str, Any], ...] = ()
    linear: dict[str, Any] | None = None
    canary: dict[str, Any] | None = None
    early_success: dict[str, Any] | None = None
    alarms: dict[str, Any] | None = None
    placement_constraints: tuple[dict[str, str], ...] = ()
    placement_strategy: tuple[dict[str, str], ...] = ()
    availability_zone_rebalancing: str = "ENABLED"
    health_check_grace_seconds: int = 0
    enable_ecs_managed_tags: bool = False
    enable_execute_command: bool = False
    propagate_tags: str = "NONE"
    deployments: tuple[Deployment, ...] = ()
    first_launch_type: str | None = None  # the one it was made with
    failed_starts: int = 0  # tasks in a row that never reached RUNNING
    last_failure_at: datetime | None = None
    healthy_at_last_failure: int = 0  # how many tasks were, of the PRIMARY deployment
    start_again_at: datetime | None = None  # no task is started before this
    steady: bool = False
    steady_event_at: datetime | None = None
    problem: str | None = None  # the cause of the last problem told in the event log, which is not told again
    problem_at: datetime | None = None
    rebalancing: bool = False  # told so, and not yet that it is over
    moves: tuple[dict[str, str], ...] = ()  # ARNs of tasks: `to` takes the place of `from` in another zone
    rebalance_again_at: datetime | None = None  # no zone that has fewer tasks had room
    client_token: str | None = None
    client_request: str | None = None
    resource_management: str = "CUSTOMER"
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


@record(table="ecs_daemon_service_reservations", indexes=("service_arn",))
class DaemonServiceReservation:
    """What an instance keeps for the next task of a DAEMON service. Passes over the service write it and take it back.

    While the instance has no task of `group`, `cpu` and `memory_mib` are kept. While it has one, `more_cpu` and
    `more_memory_mib` are: what the next task needs beyond what that one holds. Ports are kept either way. `arn` is the
    service's with the instance's id. CPU in units, memory in MiB.
    """

    arn: str
    service_arn: str
    container_instance_arn: str
    group: str
    cpu: int = 0
    memory_mib: int = 0
    ports: tuple[int, ...] = ()
    ports_udp: tuple[int, ...] = ()
    more_cpu: int = 0
    more_memory_mib: int = 0


def fingerprint(request: dict[str, Any]) -> str:
    """What a client token is compared by: the request without the token, in one canonical text."""
    return repr(sorted((k, repr(v)) for k, v in request.items() if k != "clientToken"))
