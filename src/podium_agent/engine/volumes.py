"""The volumes of a task: which are Docker's own, what they are called, and what makes them.

Source: Amazon ECS Developer Guide, "Storage options for Amazon ECS tasks"; the open-source agent for
how an EFS file system is mounted where its volume plugin is not installed.
"""

from collections.abc import Callable, Iterator
from typing import Any

from podium_agent.engine.instructions import Volume
from podium_agent.engine.records import Task
from podium_protocol import payload

_NFS_OPTIONS = "nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport"
_TYPES = ("host", "docker", "efs")


def ends_with_the_task(volume: payload.Volume) -> bool:
    return _docker(volume).get("scope") != "shared" and not _host_path(volume)


def source(volume: payload.Volume, name_of_its_own: Callable[[str], str]) -> str:
    """What Docker binds: a path of the host, a shared volume's own name, or a name drawn for this task alone."""
    if ends_with_the_task(volume):
        return name_of_its_own(volume["name"])
    return _host_path(volume) or volume["name"]


def misfits(volume: payload.Volume) -> Iterator[str]:
    kind = volume.get("type") or "host"
    if kind not in _TYPES:
        yield f"this agent does not support volumes of type {kind}"
    efs = volume.get("efsVolumeConfiguration") or {}
    if efs.get("transitEncryption") == "ENABLED" or efs.get("authorizationConfig"):
        yield "this agent does not support encryption in transit and authorization for EFS file systems"


def of_docker(task: Task, definition: payload.Container, region: str) -> tuple[Volume, ...]:
    """The volumes that must be there before Docker makes the container, as its mount points name them.

    Empty host volumes are left to Docker, which makes what a container binds by name.
    """
    mounted = {mount["sourceVolume"] for mount in definition.get("mountPoints") or []}
    given = [v for v in task.payload.get("volumes") or [] if v["name"] in mounted]
    made = (_of_docker(v, task.volumes[v["name"]], region) for v in given)
    return tuple(volume for volume in made if volume is not None)


def _of_docker(volume: payload.Volume, name: str, region: str) -> Volume | None:
    if "dockerVolumeConfiguration" in volume:
        asked = _docker(volume)
        shared = asked.get("scope") == "shared"
        return Volume(
            name=name,
            driver=asked.get("driver") or "local",
            options=asked.get("driverOpts") or {},
            labels=asked.get("labels") or {},
            shared=shared,
            must_exist=shared and not asked.get("autoprovision"),
        )
    if "efsVolumeConfiguration" in volume:
        return Volume(name=name, driver="local", options=_nfs(volume["efsVolumeConfiguration"], region), labels={})
    return None


def _nfs(efs: dict[str, Any], region: str) -> dict[str, str]:
    address = f"{efs['fileSystemId']}.efs.{region}.amazonaws.com"
    return {"type": "nfs", "device": f":{efs.get('rootDirectory') or '/'}", "o": f"addr={address},{_NFS_OPTIONS}"}


def _docker(volume: payload.Volume) -> dict[str, Any]:
    return volume.get("dockerVolumeConfiguration") or {}


def _host_path(volume: payload.Volume) -> str:
    return (volume.get("host") or {}).get("sourcePath") or ""
