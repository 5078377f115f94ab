"""Tasks and their containers."""

from datetime import datetime
from typing import Any

from podium.ecs.records.statuses import Health, StopCode, TaskStatus
from podium.ecs.records.totals import CountedByDeployment, CountedByLaunchType, Held
from podium.store.records import part, record


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
    gpus: int = 0  # how many of the task's are its own
    last_status: str = "PENDING"
    exit_code: int | None = None
    reason: str | None = None
    runtime_id: str | None = None
    image_digest: str | None = None
    network_bindings: tuple[dict[str, Any], ...] = ()
    managed_agents: tuple[dict[str, Any], ...] = ()  # as the API shows them, times in seconds
    health: Health = Health.UNKNOWN


@part
class TaskTarget:
    """A container's port that a load balancer sends traffic to while the task runs.

    `id` and `port` are what it is registered as in the target group, empty while it is not. `health` is what the
    load balancer finds, and `reason` why it finds it unhealthy.
    """

    group_arn: str
    container_name: str
    container_port: int
    id: str = ""
    port: int = 0
    health: Health = Health.UNKNOWN
    reason: str | None = None


@part
class Registration:
    """An instance in a service registry, which the task is from before it is RUNNING until it is to stop.

    `healthy` is what the registry was told last.

    `container_name` and `container_port` are what the registry tells the port of, where it tells one.
    """

    registry_arn: str
    container_name: str | None = None
    container_port: int | None = None
    registered: bool = False
    healthy: bool = True


@record(
    table="ecs_tasks",
    indexes=(
        "service_arn",
        "container_instance_arn",
        "cluster_arn",
        "task_definition_arn",
        "interface_id",
        "client_token",
    ),
    totals={
        "container_instance_arn": Held,
        "service_arn": CountedByDeployment,
        "cluster_arn": CountedByLaunchType,
    },
    ordered=("cluster_arn",),
)
class Task:
    """One run of a task definition. A stopped task never returns; its successor is new.

    `desired_status` is written by the control plane, `last_status` and the containers by the
    agent's reports through `lifecycle`. `cpu` (units), `memory_mib`, `ports` and `gpu_ids` are what the
    task holds on its instance until it is STOPPED; its containers share the GPUs in their order.
    `started_by` is a service's deployment id,
    or what RunTask's caller said. A task that `waits_for` something stays PROVISIONING until its wait is over.

    `network` is the awsvpcConfiguration of a task with a network interface of its own, and `interface_id` that
    interface while there is one; the first of `attachments` tells of it.

    `credentials_ids`, by the kind of role, are what its containers ask for credentials by, as long as it lives; the
    credentials themselves are on no record.

    `targets` and `registrations` come from its service and are the attachment controller's to write.
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
    waits_for: str = ""  # what there is not to place it, in AWS's word if it has one
    desired_status: TaskStatus = TaskStatus.RUNNING
    last_status: TaskStatus = TaskStatus.PENDING
    containers: tuple[Container, ...] = ()
    overrides: dict[str, Any] = {}
    credentials_ids: dict[str, str] = {}
    targets: tuple[TaskTarget, ...] = ()
    registrations: tuple[Registration, ...] = ()
    cpu: int = 0
    memory_mib: int = 0
    ports: tuple[int, ...] = ()
    ports_udp: tuple[int, ...] = ()
    gpu_ids: tuple[str, ...] = ()
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

    @property
    def is_attached(self) -> bool:
        """Whether a load balancer or a registry knows it."""
        return any(t.id for t in self.targets) or any(r.registered for r in self.registrations)

    @property
    def stops(self) -> bool:
        """Whether its agent is to stop it: that is what is wanted, and nobody sends it anything any more."""
        return self.desired_status is TaskStatus.STOPPED and not self.is_attached

    def gpus_of(self, container: Container) -> tuple[str, ...]:
        """The ids of the GPUs that one of its containers has to itself."""
        before = 0
        for other in self.containers:
            if other.name == container.name:
                break
            before += other.gpus
        return self.gpu_ids[before : before + container.gpus]


@record(table="ecs_queued_tasks", indexes=("cluster_arn", "hosts_arn"))
class QueuedTask:
    """A task that waits PROVISIONING until its capacity provider has room, and how it is to be placed then.

    `arn` is the task's. `hosts_arn` is the cluster whose instances may have it: the task's own or, on Fargate, that of
    the hosts that serve it. Whoever queues the task writes it; it goes when the task is placed or over.
    """

    arn: str
    cluster_arn: str
    hosts_arn: str
    provider: str
    since: datetime
    strategy: tuple[dict[str, str], ...] = ()
    distinct: bool = False
    member_of: tuple[str, ...] = ()


@record(table="ecs_strangers", indexes=("container_instance_arn", "interface_id"))
class Stranger:
    """A task that an agent runs and this control plane has no record of.

    Found after a database was emptied or restored. It is listed and left running until someone
    stops it: `stop_asked` is set by StopTask and by a reset, which also leaves its containers no more
    than `stop_timeout` seconds. `interface_id` is the network interface that it has, where that is known.

    `lost`: its record says STOPPED, since its host was away for too long; the host may run it all the same, or
    again, until its agent is back and says otherwise.
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
    lost: bool = False
    stop_timeout: int | None = None

    @property
    def is_left_over(self) -> bool:
        """Lost, and to stop when its host is back: its record says STOPPED, so that nobody need be told of it."""
        return self.lost and self.stop_asked

    @property
    def home(self) -> str:
        """Partition, region and account."""
        _, partition, _, region, account, _ = self.arn.split(":", 5)
        return f"{partition}:{region}:{account}"
