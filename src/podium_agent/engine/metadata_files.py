"""The metadata file of a container: where it is, what is in it before the container runs, and when it is written.

Source: Amazon ECS Developer Guide, "Amazon ECS container metadata file". There is none on Fargate.
"""

import re
from typing import Any

from podium_agent.engine.instructions import Describe, MetadataFile, RemoveMetadata
from podium_agent.engine.records import Container, Status, Task
from podium_agent.engine.settings import Settings

NAME = "ecs-container-metadata.json"
VARIABLE = "ECS_CONTAINER_METADATA_FILE"
_MOUNT = "/opt/ecs/metadata"
_NO_NAME_OF_A_FOLDER = re.compile(r"[^A-Za-z0-9_-]")

Mark = tuple[str | None, int]
"""One run of a container: Docker's id, and how often it was started again."""


def has_one(task: Task, container: Container, settings: Settings) -> bool:
    wanted = settings.container_metadata and task.payload.get("launchType") != "FARGATE"
    return wanted and not container.internal and bool(container.endpoint_id)


def variable(task: Task, container: Container, settings: Settings) -> dict[str, str]:
    return {VARIABLE: f"{_mount_point(container)}/{NAME}"} if has_one(task, container, settings) else {}


def binds(task: Task, container: Container, settings: Settings) -> list[str]:
    """Read-only: what the agent writes by a path, no container may turn into a link to somewhere else."""
    if not has_one(task, container, settings):
        return []
    return [f"{_folder(task, container, settings)}:{_mount_point(container)}:ro"]


def first(task: Task, container: Container, settings: Settings) -> MetadataFile | None:
    """The file as it is when the container is made: without the status that says that it is complete."""
    if not has_one(task, container, settings):
        return None
    return MetadataFile(folder=_folder(task, container, settings), document=_known(task, container, settings))


def due(task: Task, settings: Settings, marks: dict[str, Mark]) -> list[Describe]:
    """The files to complete: of containers that began to run since `marks`, which is brought up to date."""
    asked = []
    for container in task.containers:
        up = container.status is Status.RUNNING and not (container.restarting or container.unsure)
        mark = (container.docker_id, container.restarts)
        if not up or marks.get(container.name) == mark or not has_one(task, container, settings):
            continue
        marks[container.name] = mark
        asked.append(_describe(task, container, settings))
    return asked


def removal(task: Task, settings: Settings) -> list[RemoveMetadata]:
    """Also where none is written any more: there may be files of an earlier run."""
    return [RemoveMetadata(folder=_of_task(task, settings))] if settings.metadata_dir else []


def _describe(task: Task, container: Container, settings: Settings) -> Describe:
    assert container.docker_id is not None, "a running container has Docker's id"
    more = {
        "ContainerID": container.docker_id,
        "DockerContainerName": f"/{container.docker_name}",
        "ImageName": container.definition["image"],
        "PortMappings": [
            {"ContainerPort": inside, "HostPort": outside, "BindIp": "0.0.0.0", "Protocol": b.protocol}
            for b in container.bindings
            for inside, outside in b.pairs
        ],
        "AvailabilityZone": settings.zone,
        "HostPrivateIPv4Address": settings.host_address,
        "MetadataFileStatus": "READY",
    }
    document = {**_known(task, container, settings), **{name: value for name, value in more.items() if value}}
    file = MetadataFile(folder=_folder(task, container, settings), document=document)
    return Describe(task=task, docker_id=container.docker_id, file=file)


def _known(task: Task, container: Container, settings: Settings) -> dict[str, Any]:
    return {
        "Cluster": settings.cluster,
        "ContainerInstanceARN": settings.container_instance_arn,
        "TaskARN": task.arn,
        "TaskDefinitionFamily": task.payload.get("family", ""),
        "TaskDefinitionRevision": task.payload.get("version", ""),
        "ContainerName": container.name,
    }


def _mount_point(container: Container) -> str:
    return f"{_MOUNT}/{container.endpoint_id}"


def _of_task(task: Task, settings: Settings) -> str:
    return f"{settings.metadata_dir}/{_one_step(task.arn.rpartition('/')[2])}"


def _folder(task: Task, container: Container, settings: Settings) -> str:
    return f"{_of_task(task, settings)}/{_one_step(container.name)}"


def _one_step(name: str) -> str:
    """`name` as one step of a path. ECS's own names and ids are that already."""
    return _NO_NAME_OF_A_FOLDER.sub("_", name) or "_"
