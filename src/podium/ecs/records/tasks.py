"""Tasks and their containers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from podium.store.records import part, record

K = TypeVar("K")


class TaskStatus(StrEnum):
    PROVISIONING = "PROVISIONING"
    PENDING = "PENDING"
    ACTIVATING = "ACTIVATING"
    RUNNING = "RUNNING"
    DEACTIVATING = "DEACTIVATING"
    STOPPING = "STOPPING"
    DEPROVISIONING = "DEPROVISIONING"
    STOPPED = "STOPPED"


class StopCode(StrEnum):
    TASK_FAILED_TO_START = "TaskFailedToStart"
    ESSENTIAL_CONTAINER_EXITED = "EssentialContainerExited"
    USER_INITIATED = "UserInitiated"
    SERVICE_SCHEDULER_INITIATED = "ServiceSchedulerInitiated"
    INFRASTRUCTURE_HEALTH = "InfrastructureHealth"


class Health(StrEnum):
    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"
    UNKNOWN = "UNKNOWN"


@part
class Container:
    """One container of a task. Everything from `last_status` down is what the agent reported.

    `pinned` is the digest that its image must have; empty where the image's tag decides.
    """

    name: str
    arn: str
    image: str
    pinned: str = ""
    essential: bool = True
    checked: bool = False  # whether the definition has a health check
    cpu: int = 0
    memory_mib: int | None = None
    memory_reservation_mib: int | None = None
    last_status: str = "PENDING"
    exit_code: int | None = None
    reason: str | None = None
    runtime_id: str | None = None
    image_digest: str | None = None
    network_bindings: tuple[dict[str, Any], ...] = ()
    managed_agents: tuple[dict[str, Any], ...] = ()  # as the API shows them, times in seconds
    health: Health = Health.UNKNOWN


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What the tasks of one container instance hold together, until each is STOPPED.

    `ports`, `ports_udp` and `groups` count the tasks that hold the port or belong to the group.
    """

    cpu: int = 0
    memory_mib: int = 0
    ports: Mapping[int, int] = field(default_factory=dict)
    ports_udp: Mapping[int, int] = field(default_factory=dict)
    groups: Mapping[str, int] = field(default_factory=dict)
    running: int = 0

    def plus(self, task: "Task") -> "Held":
        return self._with(task, 1)

    def minus(self, task: "Task") -> "Held":
        return self._with(task, -1)

    def _with(self, task: "Task", sign: int) -> "Held":
        if task.last_status is TaskStatus.STOPPED:
            return self
        return Held(
            cpu=self.cpu + sign * task.cpu,
            memory_mib=self.memory_mib + sign * task.memory_mib,
            ports=_counted(self.ports, task.ports, sign),
            ports_udp=_counted(self.ports_udp, task.ports_udp, sign),
            groups=_counted(self.groups, (task.group,), sign),
            running=self.running + sign * (task.last_status is TaskStatus.RUNNING),
        )


def _counted(held: Mapping[K, int], more: Iterable[K], sign: int) -> Mapping[K, int]:
    """`held` with one more, or one less, of each."""
    if not more:
        return held
    counts = dict(held)
    for one in more:
        counts[one] = counts.get(one, 0) + sign
        if not counts[one]:
            del counts[one]
    return counts


@record(
    table="ecs_tasks",
    indexes=("service_arn", "container_instance_arn", "cluster_arn", "task_definition_arn", "interface_id"),
    totals={"container_instance_arn": Held},
)
class Task:
    """One run of a task definition. A stopped task never returns; its successor is new.

    `desired_status` is written by the control plane, `last_status` and the containers by the
    agent's reports through `lifecycle`. `cpu` (units), `memory_mib` and `ports` are what the
    task holds on its instance until it is STOPPED. `started_by` is a service's deployment id,
    or what RunTask's caller said. A task that `waits_for` something stays PROVISIONING until its wait is over.

    `network` is the awsvpcConfiguration of a task with a network interface of its own, and `interface_id` that
    interface while there is one; the first of `attachments` tells of it.

    `credentials_ids`, by the kind of role, are what its containers ask for credentials by, as long as it lives; the
    credentials themselves are on no record.
    """

    arn: str
    cluster_arn: str
    task_definition_arn: str
    service_arn: str | None = None
    container_instance_arn: str | None = None
    availability_zone: str = ""
    group: str = ""
    started_by: str | None = None
    launch_type: str = "EC2"
    capacity_provider: str | None = None
    platform_version: str | None = None
    platform_family: str | None = None
    ephemeral_storage_gib: int | None = None
    enable_execute_command: bool = False
    attachments: tuple[dict[str, Any], ...] = ()
    network: dict[str, Any] = {}
    interface_id: str | None = None
    waits_for: str = ""  # what Podium lacks to place it
    desired_status: TaskStatus = TaskStatus.RUNNING
    last_status: TaskStatus = TaskStatus.PENDING
    containers: tuple[Container, ...] = ()
    overrides: dict[str, Any] = {}
    credentials_ids: dict[str, str] = {}
    cpu: int = 0
    memory_mib: int = 0
    ports: tuple[int, ...] = ()
    ports_udp: tuple[int, ...] = ()
    created_at: datetime
    connected_at: datetime | None = None
    pull_started_at: datetime | None = None
    pull_stopped_at: datetime | None = None
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    execution_stopped_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_code: StopCode | None = None
    stopped_reason: str | None = None
    healthy_at: datetime | None = None  # when it was taken for healthy, whatever its age
    counted_failed: bool = False  # whether its deployment's failedTasks has it
    client_token: str | None = None
    client_request: str | None = None
    reference_id: str | None = None
    tags: dict[str, str] = {}
    version: int = 1

    @property
    def health(self) -> Health:
        """HEALTHY when every essential container that is checked is, UNHEALTHY when any is that.

        A plain loop, as in `checked`: thousands of tasks are asked at every change of one.
        """
        states: tuple[Health, ...] = ()
        for container in self.containers:
            if container.essential and container.checked and container.health not in states:
                states = (*states, container.health)
        if Health.UNHEALTHY in states:
            return Health.UNHEALTHY
        return Health.HEALTHY if states == (Health.HEALTHY,) else Health.UNKNOWN

    @property
    def home(self) -> str:
        """Partition, region and account."""
        _, partition, _, region, account, _ = self.arn.split(":", 5)
        return f"{partition}:{region}:{account}"

    @property
    def checked(self) -> bool:
        for container in self.containers:  # noqa: SIM110
            if container.essential and container.checked:
                return True
        return False


@record(table="ecs_strangers", indexes=("container_instance_arn", "interface_id"))
class Stranger:
    """A task that an agent runs and this control plane has no record of.

    Found after a database was emptied or restored. It is listed and left running until someone
    stops it: `stop_asked` is set by StopTask and by a reset, which also leaves its containers no more
    than `stop_timeout` seconds. `interface_id` is the network interface that it has, where that is known.
    """

    arn: str
    cluster_arn: str
    container_instance_arn: str
    family: str = ""
    version: str = ""
    group: str = ""
    interface_id: str | None = None
    seen_at: datetime
    stop_asked: bool = False
    stop_timeout: int | None = None

    @property
    def home(self) -> str:
        """Partition, region and account."""
        _, partition, _, region, account, _ = self.arn.split(":", 5)
        return f"{partition}:{region}:{account}"
