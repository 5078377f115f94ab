"""What an engine may learn. Times are in seconds since the epoch."""

from dataclasses import dataclass
from typing import Any

from podium_agent.engine.records import Exit, Key
from podium_protocol import Message


@dataclass(frozen=True, kw_only=True)
class Found:
    """A container as Docker shows it. `state` is Docker's own word: created, running, exited, ...

    `exit` is given for a container that ended; `ports` lists what it publishes.
    """

    docker_id: str
    docker_name: str
    state: str
    task_arn: str = ""
    container_name: str = ""
    health: str = ""
    started_at: float | None = None
    exit: Exit | None = None


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What an earlier engine saved: its tasks, and the largest sequence number it had seen."""

    records: tuple[dict[str, Any], ...] = ()
    sequence: int = -1


@dataclass(frozen=True, kw_only=True)
class Renumbered:
    """The container instance was registered anew, under another ARN. Everything is reported again."""

    container_instance_arn: str


@dataclass(frozen=True, kw_only=True)
class Received:
    """A message on ACS."""

    message: Message


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Answers Look. `found` are all containers with this instance's label, running or not."""

    look: int
    found: tuple[Found, ...]


@dataclass(frozen=True, kw_only=True)
class Observed:
    """Docker's present word on one container, None when Docker knows none such. Ends a Stop."""

    key: Key
    found: Found | None


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """Without times when there was nothing to pull."""

    key: Key
    began_at: float | None = None
    ended_at: float | None = None


@dataclass(frozen=True, kw_only=True)
class PullFailed:
    """`reason` starts with the error's name, such as CannotPullContainerError."""

    key: Key
    reason: str
    began_at: float
    ended_at: float


@dataclass(frozen=True, kw_only=True)
class ImageMissing:
    """Docker could not create a container because it does not have the image."""

    key: Key


@dataclass(frozen=True, kw_only=True)
class Created:
    """Also when a container of that name existed: names hold chance enough to be ours alone.

    `image_digest` is empty for an image that no registry knows.
    """

    key: Key
    docker_id: str
    image_digest: str = ""


@dataclass(frozen=True, kw_only=True)
class CreateFailed:
    key: Key
    reason: str


@dataclass(frozen=True, kw_only=True)
class Started:
    """Also when it was running already."""

    key: Key


@dataclass(frozen=True, kw_only=True)
class StartFailed:
    """`port_taken` when a host port was not to be had."""

    key: Key
    reason: str
    port_taken: bool = False


@dataclass(frozen=True, kw_only=True)
class Wired:
    """The task's network is there."""

    key: Key


@dataclass(frozen=True, kw_only=True)
class WireFailed:
    """`reason` starts with the error's name, ContainerNetworkingError."""

    key: Key
    reason: str


@dataclass(frozen=True, kw_only=True)
class StopFailed:
    key: Key
    reason: str


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """Docker went away in the middle of a call; nobody knows whether it was carried out."""

    key: Key


@dataclass(frozen=True, kw_only=True)
class Came:
    """Docker says that a container started, whoever asked for it."""

    docker_id: str
    at: float


@dataclass(frozen=True, kw_only=True)
class Died:
    docker_id: str
    exit: Exit


@dataclass(frozen=True, kw_only=True)
class HealthChanged:
    """`health` is Docker's word: starting, healthy or unhealthy."""

    docker_id: str
    health: str
    at: float


@dataclass(frozen=True, kw_only=True)
class Removed:
    """Answers Remove, also when there was nothing to remove."""

    key: Key


@dataclass(frozen=True, kw_only=True)
class RemoveFailed:
    key: Key
    reason: str


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The control plane took the report under way for the task, or will never take it."""

    task_arn: str


@dataclass(frozen=True, kw_only=True)
class DockerLost:
    """Docker does not answer any more."""


@dataclass(frozen=True, kw_only=True)
class DockerBack:
    """Docker answers, and what it does from now on will be heard."""


@dataclass(frozen=True, kw_only=True)
class Tick:
    """Time passed. To be given at `Engine.next_deadline()`; at other times it does no harm."""


Event = (
    Restored
    | Renumbered
    | Received
    | Listed
    | Observed
    | Pulled
    | PullFailed
    | ImageMissing
    | Created
    | CreateFailed
    | Started
    | StartFailed
    | Wired
    | WireFailed
    | StopFailed
    | Unanswered
    | Came
    | Died
    | HealthChanged
    | Removed
    | RemoveFailed
    | Accepted
    | DockerLost
    | DockerBack
    | Tick
)
