"""Secrets that a container has as files rather than in its environment, which Docker keeps on a disk. No values here.

A label of the container definition asks for it and says where in the container: `podium.secrets=/run/secrets`. The
files lie on a tmpfs of the agent's, in a folder for each container, which lives as long as the container does.

Nothing of it outlives the host. Docker makes no folder where a mount of this kind finds none, so that a container of
before a restart of the host is never started without its files: by `docker start` or by its restart policy, Docker
refuses it, and the task ends with Docker's sentence. A task that the control plane starts instead gets its own.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from podium_agent.engine.definitions import docker_json
from podium_agent.engine.instructions import KeepSecretFiles, RemoveSecretFiles, SecretFiles
from podium_agent.engine.records import Container, Task
from podium_agent.engine.settings import Settings
from podium_protocol import payload
from podium_protocol.payload import Secret

LABEL = "podium.secrets"
FAILED = "ResourceInitializationError: unable to deliver secrets as files: "


def is_of_container(secret: Secret) -> bool:
    """Whether it is for the container itself, and not for its log driver."""
    return secret.get("target") != "LOG_DRIVER"


def misfits(definition: payload.Container) -> Iterator[str]:
    """The sentences are reasons why the task cannot start."""
    path = _asked_path(definition)
    if path is None:
        return
    label = f"the label {LABEL} of container {definition['name']}"
    steps = path.split("/")
    if not path.startswith("/") or ".." in steps or not _plain(path):
        yield (
            f"{FAILED}{label} is '{path}', and must be the absolute path of a folder in the container, without '..' "
            "and not '/' itself, such as /run/secrets"
        )
    for name in _names(definition):
        if "/" in name or name in ("", ".", ".."):
            yield (
                f"{FAILED}{label} makes a file of every secret, and no file can be called '{name}': give the secret "
                "a name that is not '.' or '..' and has no '/' in it, or leave the label out"
            )


def of(container: Container, settings: Settings) -> SecretFiles | None:
    """None for a container that has its secrets in its environment, or has none."""
    path = _asked_path(container.definition)
    if path is None or not _names(container.definition):
        return None
    return SecretFiles(folder=f"{settings.secrets_dir}/{container.endpoint_id}", mount_point=f"/{_plain(path)}")


def mounts(container: Container, settings: Settings) -> list[dict[str, Any]]:
    """In Docker's words that let it make no empty folder of its own where ours is missing, as those of a bind do."""
    files = of(container, settings)
    if files is None:
        return []
    return [{"Type": "bind", "Source": files.folder, "Target": files.mount_point, "ReadOnly": True}]


def variables(files: SecretFiles, names: Iterable[str]) -> dict[str, str]:
    """What tells the program where its secrets are."""
    return {f"{name}_FILE": f"{files.mount_point}/{name}" for name in names}


def removal(task: Task, settings: Settings) -> list[RemoveSecretFiles]:
    found = (of(container, settings) for container in task.containers)
    return [RemoveSecretFiles(folder=files.folder) for files in found if files is not None]


def kept(tasks: Iterable[Task], settings: Settings) -> list[KeepSecretFiles]:
    """At a start: what was left of others has lost its task."""
    if not settings.secrets_dir:
        return []
    names = frozenset(c.endpoint_id for task in tasks for c in task.containers if of(c, settings) is not None)
    return [KeepSecretFiles(folder=settings.secrets_dir, names=names)]


def _names(definition: payload.Container) -> list[str]:
    return [secret["name"] for secret in definition.get("secrets") or () if is_of_container(secret)]


def _asked_path(definition: payload.Container) -> str | None:
    path = (docker_json(definition, "config").get("Labels") or {}).get(LABEL)
    return None if path is None else str(path)


def _plain(path: str) -> str:
    return "/".join(step for step in path.split("/") if step not in ("", "."))
