"""The documents of the task metadata endpoint, versions 2, 3 and 4. Plain values, no I/O.

Source: Amazon ECS Developer Guide, "Amazon ECS task metadata endpoint version 4".
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from podium_agent.engine import restarts
from podium_agent.engine.internal import NAMESPACE_PAUSE, NETWORK_PAUSE
from podium_agent.engine.limits import cpu_shares
from podium_agent.engine.records import Binding, Container, Status, Task
from podium_agent.engine.specs import cluster_of
from podium_agent.metadata.networks import networks
from podium_agent.metadata.residents import Place

_ALL_ADDRESSES = "0.0.0.0"
TYPES = {NETWORK_PAUSE: "CNI_PAUSE", NAMESPACE_PAUSE: "NAMESPACE_PAUSE"}
_NEVER = "0001-01-01T00:00:00Z"


def task_document(task: Task, inspected: Mapping[str, dict[str, Any]], place: Place, version: int) -> dict[str, Any]:
    """`inspected` holds what Docker tells of the task's containers, by their ids."""
    given = task.payload
    document = {
        "Cluster": cluster_of(task, place.cluster),
        "TaskARN": task.arn,
        "Family": given.get("family"),
        "Revision": given.get("version"),
        "ServiceName": given.get("serviceName") if version == 4 else None,
        "DesiredStatus": task.desired.name,
        "KnownStatus": known_status(task.status),
        "Limits": _without_nulls({"CPU": given.get("cpu") or None, "Memory": given.get("memory") or None}),
        "PullStartedAt": rfc3339(task.pull_started_at),
        "PullStoppedAt": rfc3339(task.pull_stopped_at),
        "ExecutionStoppedAt": rfc3339(task.execution_stopped_at),
        "AvailabilityZone": given.get("zone") or place.zone,
        "LaunchType": given.get("launchType") if version == 4 else None,
        "Group": given.get("group") if version == 4 else None,
        "Containers": [
            container_document(task, c, inspected.get(c.docker_id or "", {}), version) for c in task.containers
        ],
    }
    return _without_nulls(document) | ({"FaultInjectionEnabled": False} if version == 4 else {})


def container_document(task: Task, container: Container, inspected: dict[str, Any], version: int) -> dict[str, Any]:
    config = inspected.get("Config") or {}
    log = (inspected.get("HostConfig") or {}).get("LogConfig") or {}
    document = {
        "DockerId": container.docker_id,
        "Name": container.name,
        "DockerName": container.docker_name,
        "Image": container.definition.get("image"),
        "ImageID": inspected.get("Image"),
        "Ports": [port for b in container.bindings for port in _ports(b, version)],
        "Labels": config.get("Labels"),
        "DesiredStatus": task.desired.name,
        "KnownStatus": known_status(container.status),
        "ExitCode": container.exit_code,
        "Limits": _limits(container),
        "CreatedAt": _docker_time(inspected.get("Created")),
        "StartedAt": rfc3339(container.started_at),
        "FinishedAt": rfc3339(container.finished_at),
        "Type": TYPES.get(container.name, "NORMAL"),
        "Health": _health(container, inspected),
        "Volumes": [_volume(mount) for mount in inspected.get("Mounts") or ()],
        "LogDriver": log.get("Type") if version == 4 else None,
        "LogOptions": log.get("Config") if version == 4 else None,
        "ContainerARN": container.definition.get("containerArn") if version == 4 else None,
        "Networks": networks(task, inspected, version),
        "RestartCount": container.restarts if version == 4 and restarts.has_policy(container) else None,
    }
    return _without_nulls(document)


def rfc3339(at: float | None) -> str | None:
    """Seconds since the epoch as RFC 3339 in UTC, with nanoseconds as the official agent writes them."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def known_status(status: Status) -> str:
    return "NONE" if status is Status.PENDING else status.name


def _limits(container: Container) -> dict[str, Any]:
    shares, memory_mib = cpu_shares(container.definition), container.definition.get("memory") or None
    return _without_nulls({"CPU": shares, "Memory": memory_mib})


def _ports(binding: Binding, version: int) -> list[dict[str, Any]]:
    """Each port of a range by itself."""
    more = {"HostIp": _ALL_ADDRESSES} if version == 4 else {}
    return [{"ContainerPort": c, "Protocol": binding.protocol, "HostPort": h, **more} for c, h in binding.pairs]


def _health(container: Container, inspected: dict[str, Any]) -> dict[str, Any] | None:
    """With what the last check said of itself."""
    if not container.has_health_check:
        return None
    checks = ((inspected.get("State") or {}).get("Health") or {}).get("Log") or [{}]
    told = {
        "status": container.health,
        "statusSince": rfc3339(container.health_since),
        "exitCode": checks[-1].get("ExitCode"),
        "output": checks[-1].get("Output"),
    }
    return _without_nulls(told)


def _volume(mount: Mapping[str, Any]) -> dict[str, Any]:
    told = {"DockerName": mount.get("Name"), "Source": mount.get("Source"), "Destination": mount.get("Destination")}
    return _without_nulls(told)


def _docker_time(text: str | None) -> str | None:
    return None if text == _NEVER else text


def _without_nulls(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, [], {}, "")}
