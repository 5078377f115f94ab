"""Container instances as DescribeContainerInstances shows them."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import ContainerInstance, Task, TaskStatus
from podium.ecs.records.statuses import COUNTED_PENDING
from podium.ecs.rules import capacity_providers, checking, tags
from podium.ecs.views.shown import present
from podium.store.session import Transaction


def instance(tx: Transaction, record: ContainerInstance, include: Collection[str] = ()) -> dict[str, Any]:
    tasks = [t for t in tx.list(Task, container_instance_arn=record.arn) if t.last_status in HOLDING]
    view = present(
        containerInstanceArn=record.arn,
        ec2InstanceId=record.ec2_instance_id,
        capacityProviderName=capacity_providers.of_instance(tx, record),
        version=record.version,
        versionInfo=_versions(record),
        registeredResources=_resources(record, ()),
        remainingResources=_resources(record, tasks),
        status=record.status.value,
        agentConnected=record.agent_connected,
        runningTasksCount=sum(t.last_status is TaskStatus.RUNNING for t in tasks),
        pendingTasksCount=sum(t.last_status in COUNTED_PENDING for t in tasks),
        attributes=_attributes(record),
        registeredAt=record.registered_at,
        attachments=[],
        tags=tags.shown(record.tags) if "TAGS" in include else [],
    )
    if "CONTAINER_INSTANCE_HEALTH" in include:
        view["healthStatus"] = _health(record)
    return view


def _health(record: ContainerInstance) -> dict[str, Any]:
    """What the agent found on its host, and what the control plane can see by itself: whether the agent is there."""
    details = [
        present(type=c.type, status=c.status, lastUpdated=c.updated_at, lastStatusChange=c.changed_at)
        for c in record.checks
    ]
    details.append({"type": "AGENT_CONNECTIVITY", "status": "OK" if record.agent_connected else "IMPAIRED"})
    return {"overallStatus": checking.overall(d["status"] for d in details), "details": details}


def _versions(record: ContainerInstance) -> dict[str, str]:
    told = {
        "agentVersion": record.agent_version,
        "agentHash": record.agent_hash,
        "dockerVersion": record.docker_version,
    }
    return {name: value for name, value in told.items() if value}


def _attributes(record: ContainerInstance) -> list[dict[str, str]]:
    pairs = {**record.attributes, **record.custom_attributes}
    return [{"name": n, "value": v} if v is not None else {"name": n} for n, v in pairs.items()]


def _resources(record: ContainerInstance, tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """The ports listed are those in use, in what is registered and in what remains; the GPUs those that are free."""
    ports = {*record.ports, *(p for t in tasks for p in t.ports)}
    udp = {*record.ports_udp, *(p for t in tasks for p in t.ports_udp)}
    return [
        _integer("CPU", record.cpu - sum(t.cpu for t in tasks)),
        _integer("MEMORY", record.memory_mib - sum(t.memory_mib for t in tasks)),
        _string_set("PORTS", map(str, sorted(ports))),
        _string_set("PORTS_UDP", map(str, sorted(udp))),
        *_gpus(record, {gpu for t in tasks for gpu in t.gpu_ids}),
    ]


def _gpus(record: ContainerInstance, taken: Collection[str]) -> list[dict[str, Any]]:
    """Nothing of an instance without any."""
    return [_string_set("GPU", (g for g in record.gpus if g not in taken))] if record.gpus else []


def _integer(name: str, value: int) -> dict[str, Any]:
    return {"name": name, "type": "INTEGER", "doubleValue": 0.0, "longValue": 0, "integerValue": max(0, value)}


def _string_set(name: str, values: Iterable[str]) -> dict[str, Any]:
    zeros = {"doubleValue": 0.0, "longValue": 0, "integerValue": 0}
    return {"name": name, "type": "STRINGSET", **zeros, "stringSetValue": list(values)}
