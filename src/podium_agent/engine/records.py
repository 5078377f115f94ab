"""What the engine knows: tasks and their containers."""

from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from podium_agent.engine import interfaces, internal
from podium_protocol import payload


class Status(IntEnum):
    """How far a container or task has come. It only ever grows.

    On the wire a container that is not yet running is PENDING, created or not.
    """

    PENDING = 0
    CREATED = 1
    RUNNING = 2
    STOPPED = 3


class Step(StrEnum):
    """Something asked of Docker whose answer is not in yet."""

    PULL = "pull"
    CREATE = "create"
    START = "start"
    WIRE = "wire"
    STOP = "stop"
    REMOVE = "remove"


class Key(NamedTuple):
    """A container by the task it belongs to and its name in the task definition."""

    task_arn: str
    name: str


class Binding(Struct, frozen=True, kw_only=True):
    """One published port, on all addresses of the host; or, with a length, so many from there on.

    A mapping with a containerPortRange has a length even when it is one; others have none.
    """

    container_port: int
    host_port: int
    protocol: str
    dynamic: bool = False
    length: int | None = None

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Each container port with its host port."""
        return [(self.container_port + n, self.host_port + n) for n in range(self.length or 1)]

    @property
    def taken(self) -> set[tuple[int, str]]:
        """The host ports it occupies."""
        return {(host_port, self.protocol) for _, host_port in self.pairs}


class Exit(Struct, frozen=True, kw_only=True):
    """How a container ended. `at` is in seconds since the epoch; `error` is Docker's State.Error."""

    code: int | None
    at: float
    out_of_memory: bool = False
    error: str = ""


class Container(Struct, frozen=True, kw_only=True):
    """One container of a task.

    `docker_name`, `endpoint_id` and `bindings` are drawn when the task is accepted, before
    Docker hears of it. `wired` says that a network pause container has its interface. `reported`
    is what the control plane has accepted. `restarts` counts the starts in place that a restart
    policy led to, the latest asked for at `restarted_at`. The last fields live in memory only.
    Among them, `unsure` says that a step may or may not have been taken, so that nothing is decided
    about the container before Docker was looked at.
    """

    definition: payload.Container
    docker_name: str
    endpoint_id: str
    bindings: tuple[Binding, ...] = ()
    port_choices: int = 0
    status: Status = Status.PENDING
    reported: Status = Status.PENDING
    docker_id: str | None = None
    image_missing: bool = False
    pulled: bool = False
    pull_reason: str = ""
    image_digest: str = ""
    digest_told: bool = False
    created_at: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    exit_code: int | None = None
    reason: str = ""
    health: str = "UNKNOWN"
    health_since: float | None = None
    stopped_again: bool = False
    wired: bool = False
    restarting: bool = False
    restarts: int = 0
    restarted_at: float | None = None

    step: Step | None = None
    unsure: bool = False
    touched: int = 0
    retry_at: float | None = None

    @property
    def name(self) -> str:
        return self.definition["name"]

    @property
    def essential(self) -> bool:
        return self.definition.get("essential", True)

    @property
    def internal(self) -> bool:
        """Whether it is ours rather than the task definition's: nobody is told of it."""
        return internal.is_internal(self.name)

    @property
    def ran(self) -> bool:
        return self.started_at is not None

    @property
    def has_health_check(self) -> bool:
        return self.definition.get("healthCheckType", "").lower() == "docker"


class Report(Struct, frozen=True, kw_only=True):
    """A state change on its way to the control plane, and what it will have told once accepted."""

    status: Status
    containers: dict[str, Status]


class Task(Struct, frozen=True, kw_only=True):
    """One task, from its payload to its clean-up.

    `desired` goes from RUNNING to STOPPED once and for good. `ran` says that all of it was
    up at one time, so that RUNNING is owed to the control plane even if it is over by now.
    `volumes` says what Docker binds for each volume of the payload, a path or a volume's name;
    `scratch_volumes` are the names of those that end with the task. `report` lives in memory only.
    """

    payload: payload.Task
    desired: Status
    containers: tuple[Container, ...]
    volumes: dict[str, str] = {}
    scratch_volumes: tuple[str, ...] = ()
    reason: str = ""
    ran: bool = False
    reported: Status = Status.PENDING
    pull_started_at: float | None = None
    pull_stopped_at: float | None = None
    execution_stopped_at: float | None = None
    clean_at: float | None = None

    report: Report | None = None

    @property
    def arn(self) -> str:
        return self.payload["arn"]

    @property
    def status(self) -> Status:
        """STOPPED once every container is, RUNNING once it ran; a task without containers is STOPPED."""
        if all(c.status is Status.STOPPED for c in self.containers):
            return Status.STOPPED
        return Status.RUNNING if self.ran else Status.PENDING

    @property
    def network_mode(self) -> str:
        return self.payload.get("networkMode") or "bridge"

    @property
    def interface(self) -> interfaces.Interface | None:
        """The network interface of an awsvpc task that is not over."""
        return interfaces.of(self.payload) if self.containers and self.status is not Status.STOPPED else None

    @property
    def defined(self) -> tuple[Container, ...]:
        """The containers of the task definition."""
        return tuple(c for c in self.containers if not c.internal)

    def container(self, name: str) -> Container:
        return next(c for c in self.containers if c.name == name)

    def find(self, name: str) -> Container | None:
        return next((c for c in self.containers if c.name == name), None)

    def with_container(self, name: str, **changes: Any) -> "Task":
        changed = (replace(c, **changes) if c.name == name else c for c in self.containers)
        return replace(self, containers=tuple(changed))
