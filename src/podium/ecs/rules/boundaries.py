"""What a cluster refuses to run: the settings by which a task would get hold of its host.

A cluster says it by a tag of its own, whatever its tasks run on. Source: no AWS interface; Podium's own.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from podium.ecs.errors import InvalidParameter
from podium.ecs.records import Cluster, TaskDefinition
from podium.ecs.rules.task_definitions.documents import Document, containers

TAG = "podium:refuse"
"""A cluster's tag: words with blanks between them, each a key of BOUNDARIES, or `all`."""

ALL = "all"
_HARMLESS_OPTIONS = "no-new-privileges"
_REMOTE = {"nfs", "nfs4", "cifs", "tmpfs"}
"""Types of mounts that Docker's own volume driver can make and that are none of a path or disk of the host's."""

_BINDS = {"bind", "rbind"}


class Refused(InvalidParameter):
    """The cluster does not run such tasks."""


def _privileged(document: Document) -> Iterator[str]:
    for container in containers(document):
        if container.get("privileged"):
            yield f"container '{container['name']}' sets privileged"
        for option in container.get("dockerSecurityOptions") or ():
            if not option.startswith(_HARMLESS_OPTIONS):
                yield f"container '{container['name']}' sets '{option}' in dockerSecurityOptions"


def _mode(member: str) -> Callable[[Document], Iterator[str]]:
    def asked(document: Document) -> Iterator[str]:
        if document.get(member) == "host":
            names = ", ".join(f"'{container['name']}'" for container in containers(document))
            yield f"{member} is host, for containers {names}"

    return asked


def _host_paths(document: Document) -> Iterator[str]:
    for volume in document["volumes"]:
        users = [c["name"] for c in containers(document) if _mounts(c, volume["name"])]
        whose = f"volume '{volume['name']}' of container '{users[0]}'" if users else f"volume '{volume['name']}'"
        if path := (volume.get("host") or {}).get("sourcePath"):
            yield f"{whose} has the sourcePath {path}"
        if _binds(volume.get("dockerVolumeConfiguration") or {}):
            yield f"{whose} has driverOpts that may mount what is the host's"


def _mounts(container: Document, volume: str) -> bool:
    return any(mount.get("sourceVolume") == volume for mount in container["mountPoints"])


def _binds(docker: Document) -> bool:
    """Whether a volume of Docker's may be a path or a disk of the host's. Other drivers' options cannot be read."""
    options = docker.get("driverOpts") or {}
    if (docker.get("driver") or "local") != "local":
        return bool(options)
    if not options.keys() & {"type", "device", "o"}:
        return False
    ways = {word.strip() for word in options.get("o", "").split(",")}
    return options.get("type") not in _REMOTE or bool(ways & _BINDS)


def _linux(member: Callable[[Document], Any], name: str) -> Callable[[Document], Iterator[str]]:
    def asked(document: Document) -> Iterator[str]:
        for container in containers(document):
            if found := member(container.get("linuxParameters") or {}):
                yield f"container '{container['name']}' sets {name} {', '.join(found)}"

    return asked


BOUNDARIES: dict[str, Callable[[Document], Iterator[str]]] = {
    "privileged": _privileged,
    "host-network": _mode("networkMode"),
    "host-pid": _mode("pidMode"),
    "host-ipc": _mode("ipcMode"),
    "host-paths": _host_paths,
    "capabilities": _linux(lambda linux: (linux.get("capabilities") or {}).get("add"), "capabilities.add to"),
    "devices": _linux(lambda linux: [d.get("hostPath", "") for d in linux.get("devices") or ()], "devices to"),
}


def check_tags(given: Mapping[str, str]) -> None:
    """Of a cluster. Raises InvalidParameter for a tag that would not say what whoever wrote it meant."""
    if TAG not in given:
        return
    words = given[TAG].split()
    for word in words or ("",):
        if word not in (*BOUNDARIES, ALL):
            raise InvalidParameter(
                f"'{word}' is nothing that the tag {TAG} of a cluster can refuse. Its value is {ALL}, or some of "
                f"{' '.join(BOUNDARIES)}, with blanks between them."
            )


def check(cluster: Cluster, definition: TaskDefinition) -> None:
    """Raises Refused for the first thing that the cluster does not let its tasks have. Overrides can ask for none."""
    words = cluster.tags.get(TAG, "").split()
    for word, asked in BOUNDARIES.items():
        if (word in words or ALL in words) and (found := next(asked(definition.document), None)):
            raise Refused(
                f"The cluster '{cluster.name}' refuses {word} by its tag {TAG}, and in the task definition "
                f"{definition.family}:{definition.revision} {found}."
            )
