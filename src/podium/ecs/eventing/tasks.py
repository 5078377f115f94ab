"""ECS Task State Change: a task, as DescribeTasks shows it but for what events leave out or call by other names.

Written by hand rather than from the view, since it is made for every step of every task.
Source: Amazon ECS Developer Guide, "Amazon ECS task state change events".
"""

from datetime import datetime
from operator import attrgetter
from typing import Any

from podium.ecs.eventing.told import Told, iso
from podium.ecs.records import Container, ContainerInstance, Task
from podium.ecs.views.tasks import overrides
from podium.store.session import Transaction

TYPE = "ECS Task State Change"
ATTACHMENT_TYPES = {"ElasticNetworkInterface": "eni"}
TIMES = (
    ("connectivityAt", "connected_at"),
    ("pullStartedAt", "pull_started_at"),
    ("pullStoppedAt", "pull_stopped_at"),
    ("startedAt", "started_at"),
    ("stoppingAt", "stopping_at"),
    ("executionStoppedAt", "execution_stopped_at"),
    ("stoppedAt", "stopped_at"),
)
shown = attrgetter(
    "last_status",
    "desired_status",
    "containers",
    "attachments",
    "container_instance_arn",
    "stop_code",
    "stopped_reason",
    *(name for _, name in TIMES),
)
"""What of a task may change that an event shows. What else changes is no news, and raises no version."""

_WORDS = ("capacityProviderName", "platformVersion", "startedBy", "stopCode", "stoppedReason")
_CONTAINER_WORDS = ("imageDigest", "runtimeId", "exitCode", "reason")
_words = attrgetter("capacity_provider", "platform_version", "started_by", "stop_code", "stopped_reason")
_container_words = attrgetter("image_digest", "runtime_id", "exit_code", "reason")
_times = attrgetter(*(name for _, name in TIMES))
_names = tuple(name for name, _ in TIMES)


def told(tx: Transaction, task: Task, now: datetime) -> Told:
    instance = tx.get(ContainerInstance, task.container_instance_arn) if task.container_instance_arn else None
    return Told(TYPE, task.arn, detail(task, instance, now))


def detail(task: Task, instance: ContainerInstance | None, now: datetime) -> dict[str, Any]:
    addresses = _interfaces(task) if task.attachments else []
    made: dict[str, Any] = {
        "attachments": [_attachment(a) for a in task.attachments],
        "clusterArn": task.cluster_arn,
        "containers": [_container(c, task, addresses) for c in task.containers],
        "cpu": str(task.cpu),
        "createdAt": iso(task.created_at),
        "desiredStatus": task.desired_status,
        "enableExecuteCommand": task.enable_execute_command,
        "group": task.group,
        "lastStatus": task.last_status,
        "launchType": task.launch_type,
        "memory": str(task.memory_mib),
        "overrides": {"containerOverrides": _overrides(task)},
        "taskArn": task.arn,
        "taskDefinitionArn": task.task_definition_arn,
        "updatedAt": iso(now),
        "version": task.version,
    }
    for name, moment in zip(_names, _times(task), strict=True):
        if moment is not None:
            made[name] = iso(moment)
    if instance is not None:
        made["connectivity"] = "CONNECTED" if instance.agent_connected else "DISCONNECTED"
        if (architecture := instance.attributes.get("ecs.cpu-architecture")) is not None:
            made["attributes"] = [{"name": "ecs.cpu-architecture", "value": architecture}]
    if task.container_instance_arn is not None and task.launch_type != "FARGATE":
        made["containerInstanceArn"] = task.container_instance_arn
    if task.ephemeral_storage_gib is not None:
        made["ephemeralStorage"] = {"sizeInGiB": task.ephemeral_storage_gib}
    if task.availability_zone:
        made["availabilityZone"] = task.availability_zone
    for name, value in zip(_WORDS, _words(task), strict=True):
        if value is not None:
            made[name] = value
    return made


def _overrides(task: Task) -> list[dict[str, Any]]:
    if not task.overrides:
        return [{"name": c.name} for c in task.containers]
    return list(overrides(task)["containerOverrides"])


def _attachment(attachment: dict[str, Any]) -> dict[str, Any]:
    kind = attachment["type"]
    return {**attachment, "type": ATTACHMENT_TYPES.get(kind, kind)}


def _container(container: Container, task: Task, addresses: list[dict[str, str]]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "containerArn": container.arn,
        "taskArn": task.arn,
        "name": container.name,
        "image": container.image,
        "lastStatus": container.last_status,
        "cpu": str(container.cpu),
        "networkInterfaces": addresses,
    }
    for name, value in zip(_CONTAINER_WORDS, _container_words(container), strict=True):
        if value is not None:
            made[name] = value
    if container.network_bindings:
        made["networkBindings"] = list(container.network_bindings)
    if container.memory_mib is not None:
        made["memory"] = str(container.memory_mib)
    if container.memory_reservation_mib is not None:
        made["memoryReservation"] = str(container.memory_reservation_mib)
    if container.gpus:
        made["gpuIds"] = list(task.gpus_of(container))
    if container.checked:
        made["healthStatus"] = container.health
    return made


def _interfaces(task: Task) -> list[dict[str, str]]:
    return [
        {"attachmentId": a["id"], "privateIpv4Address": d["value"]}
        for a in task.attachments
        for d in a["details"]
        if d["name"] == "privateIPv4Address"
    ]
