"""What the agent tells of itself to the host it runs on, at 127.0.0.1:51678.

Several agents of a host tell it together: `/v1/tasks` has the tasks of all of them. `/v1/metadata` describes one
container instance, the first, and lists them all when there are several.
Source: Amazon ECS Developer Guide, "Amazon ECS container introspection".
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from podium_agent.metadata.documents import container_document, known_status
from podium_agent.metadata.residents import Place, Resident
from podium_agent.net.server import Answer, Head
from podium_agent.version import AGENT_HASH, AGENT_VERSION

LICENSE = "Podium is free software under the Apache License, version 2.0: http://www.apache.org/licenses/LICENSE-2.0\n"
_COMMANDS = ["/license", "/v1/metadata", "/v1/tasks"]
_OF_CONTAINERS = ("DockerId", "DockerName", "Name", "Image", "ImageID", "Ports", "Networks", "Volumes", "CreatedAt")
_LEAST_PREFIX = 1


def part(places: Iterable[Place], residents: Iterable[Resident], inspected: Mapping[str, Any]) -> dict[str, Any]:
    """One agent's share."""
    return {"instances": [_instance(p) for p in places], "tasks": [_task(r, inspected) for r in residents]}


def answer(head: Head, parts: Sequence[Mapping[str, Any]]) -> Answer:
    """What all agents of the host say together."""
    instances = sorted((i for p in parts for i in p["instances"]), key=lambda i: str(i["ContainerInstanceArn"]))
    tasks = [task for p in parts for task in p["tasks"]]
    match head.path:
        case "/v1/metadata":
            return _metadata(instances)
        case "/v1/tasks":
            return _tasks(tasks, {name: values[0] for name, values in parse_qs(head.query).items()})
        case "/license":
            return Answer(body=LICENSE.encode(), headers={"Content-Type": "text/plain"})
        case _:
            return Answer(body={"AvailableCommands": _COMMANDS})


def _instance(place: Place) -> dict[str, Any]:
    version = f"Amazon ECS Agent - v{AGENT_VERSION} ({AGENT_HASH})"
    return {"Cluster": place.cluster, "ContainerInstanceArn": place.container_instance_arn, "Version": version}


def _task(resident: Resident, inspected: Mapping[str, Any]) -> dict[str, Any]:
    task = resident.task
    return {
        "Arn": task.arn,
        "DesiredStatus": task.desired.name,
        "KnownStatus": known_status(task.status),
        "Family": task.payload.get("family", ""),
        "Version": task.payload.get("version", ""),
        "Containers": [
            _container(container_document(task, c, inspected.get(c.docker_id or "", {}), 4)) for c in task.containers
        ],
    }


def _container(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in (*_OF_CONTAINERS, "StartedAt") if name in document}


def _metadata(instances: Sequence[Mapping[str, Any]]) -> Answer:
    if not instances:
        return Answer(body={"Cluster": "", "ContainerInstanceArn": None, "Version": ""})
    others = {"ContainerInstances": list(instances)} if len(instances) > 1 else {}
    return Answer(body={**instances[0], **others})


def _tasks(tasks: Sequence[Mapping[str, Any]], asked: Mapping[str, str]) -> Answer:
    if "taskarn" in asked and "dockerid" in asked:
        return Answer(status=400, body={})
    if "taskarn" in asked:
        return _only([t for t in tasks if t["Arn"] == asked["taskarn"]])
    if "dockerid" in asked:
        start = asked["dockerid"]
        ids = {c.get("DockerId", ""): t for t in tasks for c in t["Containers"]}
        return _only([t for i, t in ids.items() if len(start) >= _LEAST_PREFIX and i.startswith(start)])
    return Answer(body={"Tasks": list(tasks)})


def _only(found: Sequence[Mapping[str, Any]]) -> Answer:
    """A prefix that fits several containers names none."""
    if not found:
        return Answer(status=404, body={})
    return Answer(body=found[0]) if len(found) == 1 else Answer(status=400, body={})
