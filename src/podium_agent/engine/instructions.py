"""What an engine may ask for. To be carried out in order; only Flush must be done before the next begins."""

from dataclasses import dataclass, field
from typing import Any

from podium_agent.engine.interfaces import Interface
from podium_agent.engine.records import Key, Task
from podium_protocol import Message, acs
from podium_protocol.payload import Secret


@dataclass(frozen=True, kw_only=True)
class Save:
    """Keep `record` under `key`, in place of what was kept there. Soon, or at the next Flush."""

    key: str
    record: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SaveSequence:
    """Keep the largest sequence number seen. Soon, or at the next Flush."""

    sequence: int


@dataclass(frozen=True, kw_only=True)
class Forget:
    """Drop what was kept under `key`. Soon, or at the next Flush."""

    key: str


@dataclass(frozen=True, kw_only=True)
class Flush:
    """All that was to be kept must survive a loss of power before the next instruction is carried out."""


@dataclass(frozen=True, kw_only=True)
class Send:
    """Send a message on ACS. Nobody answers; when the link is down it may be dropped."""

    message: Message


@dataclass(frozen=True, kw_only=True)
class Submit:
    """Call SubmitTaskStateChange until it is accepted or refused for good: Accepted."""

    task_arn: str
    request: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class PublishHealth:
    """Tell TCS now how containers feel, rather than at the next turn."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """List all containers of this instance: Listed with the same number, or DockerLost.

    Containers in `settled` ended long ago; how they ended need not be asked again.
    """

    number: int
    settled: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Pull:
    """Pulled, PullFailed or Unanswered. `once`: not again if this agent has pulled it before."""

    key: Key
    image: str
    once: bool = False


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A volume of Docker's that is to be there. One that `must_exist` is not made, and a shared one may exist."""

    name: str
    driver: str
    options: dict[str, str]
    labels: dict[str, str]
    shared: bool = False
    must_exist: bool = False


@dataclass(frozen=True, kw_only=True)
class Cgroup:
    """The parent control group of a task's containers, by the name that Docker is given. 0 stands for no limit.

    `cpu_quota` is in microseconds of every 100,000.
    """

    name: str
    cpu_quota: int = 0
    cpu_shares: int = 0
    memory_bytes: int = 0
    pids: int = 0


@dataclass(frozen=True, kw_only=True)
class MetadataFile:
    """A container's metadata file, in a folder of its own, and all that is in it."""

    folder: str
    document: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SecretFiles:
    """Where a container's secrets are files: `folder` of the host's tmpfs, seen in the container at `mount_point`."""

    folder: str
    mount_point: str


@dataclass(frozen=True, kw_only=True)
class Create:
    """Created, ImageMissing, CreateFailed or Unanswered. `body` is Docker's own, of POST /containers/create.

    What the container needs, `volumes`, `cgroup` and `metadata`, is made first. Making any of it twice does no harm.
    `environment_files` and `secrets` are still to be fetched: `body` holds none of them. With `secret_files`, those of
    the container are to be there as files before it is made.
    """

    key: Key
    docker_name: str
    body: dict[str, Any]
    volumes: tuple[Volume, ...] = ()
    cgroup: Cgroup | None = None
    metadata: MetadataFile | None = None
    environment_files: tuple[dict[str, str], ...] = ()
    secrets: tuple[Secret, ...] = ()
    secret_files: SecretFiles | None = None


@dataclass(frozen=True, kw_only=True)
class Start:
    """Started, StartFailed or Unanswered. `again` when a restart policy asks for it, after an end."""

    key: Key
    docker_id: str
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class Describe:
    """Write a running container's metadata file anew, with what Docker tells of its image and networks.

    Nobody answers.
    """

    task: Task
    docker_id: str
    file: MetadataFile


@dataclass(frozen=True, kw_only=True)
class Wire:
    """Give the network namespace of a running pause container its interface: Wired, WireFailed or Unanswered.

    Done anew if it was done before. `sysctls` are set in the namespace.
    """

    key: Key
    docker_id: str
    interface: Interface
    sysctls: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class KeepInterfaces:
    """These are the interfaces of all tasks that are not over; what is left of others goes. Nobody answers."""

    interfaces: tuple[Interface, ...]


@dataclass(frozen=True, kw_only=True)
class Enforce:
    """These are the rules of the security groups that interfaces here are in. Nobody answers."""

    groups: tuple[acs.SecurityGroup, ...]


@dataclass(frozen=True, kw_only=True)
class Stop:
    """SIGTERM, then SIGKILL after `timeout` seconds. Observed, StopFailed or Unanswered."""

    key: Key
    docker_id: str
    timeout: int


@dataclass(frozen=True, kw_only=True)
class Remove:
    """Remove an ended container and its anonymous volumes: Removed, RemoveFailed or Unanswered."""

    key: Key
    docker_id: str


@dataclass(frozen=True, kw_only=True)
class Discard:
    """Remove a container that never started. Nobody answers."""

    docker_id: str


@dataclass(frozen=True, kw_only=True)
class RemoveVolume:
    """Remove a volume of a cleaned-up task. Nobody answers."""

    name: str


@dataclass(frozen=True, kw_only=True)
class RemoveCgroup:
    """Remove the control group of a cleaned-up task. Nobody answers."""

    name: str


@dataclass(frozen=True, kw_only=True)
class RemoveMetadata:
    """Remove the metadata files of a cleaned-up task. Nobody answers."""

    folder: str


@dataclass(frozen=True, kw_only=True)
class KeepSecretFiles:
    """Of the containers' folders in `folder`, those called `names` are in use; others go. Nobody answers."""

    folder: str
    names: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class RemoveSecretFiles:
    """Remove the secrets that a container of a cleaned-up task had as files. Nobody answers."""

    folder: str


@dataclass(frozen=True, kw_only=True)
class Note:
    """Write one line to the log."""

    text: str
    fields: dict[str, Any] = field(default_factory=dict)


Instruction = (
    Save
    | SaveSequence
    | Forget
    | Flush
    | Send
    | Submit
    | PublishHealth
    | Look
    | Pull
    | Create
    | Start
    | Describe
    | Wire
    | KeepInterfaces
    | Enforce
    | Stop
    | Remove
    | Discard
    | RemoveVolume
    | RemoveCgroup
    | RemoveMetadata
    | KeepSecretFiles
    | RemoveSecretFiles
    | Note
)
