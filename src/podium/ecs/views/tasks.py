"""Tasks as DescribeTasks shows them."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from podium.ecs.records import Container, ContainerInstance, Task
from podium.ecs.rules import tags
from podium.ecs.views.shown import present
from podium.store.session import Transaction


def task(tx: Transaction, record: Task, include: Collection[str] = ()) -> dict[str, Any]:
    instance = tx.get(ContainerInstance, record.container_instance_arn or "")
    return present(
        attachments=list(record.attachments),
        attributes=_attributes(instance),
        availabilityZone=record.availability_zone or None,
        capacityProviderName=record.capacity_provider,
        clusterArn=record.cluster_arn,
        connectivity=_connectivity(record, instance),
        connectivityAt=record.connected_at,
        containerInstanceArn=None if record.launch_type == "FARGATE" else record.container_instance_arn,
        containers=[_container(c, record) for c in record.containers],
        cpu=str(record.cpu),
        createdAt=record.created_at,
        desiredStatus=record.desired_status.value,
        enableExecuteCommand=record.enable_execute_command,
        ephemeralStorage=_storage(record),
        fargateEphemeralStorage=_storage(record) if record.launch_type == "FARGATE" else None,
        executionStoppedAt=record.execution_stopped_at,
        group=record.group,
        healthStatus=record.health.value,
        lastStatus=record.last_status.value,
        launchType=record.launch_type,
        memory=str(record.memory_mib),
        platformFamily=record.platform_family,
        platformVersion=record.platform_version,
        overrides=overrides(record),
        pullStartedAt=record.pull_started_at,
        pullStoppedAt=record.pull_stopped_at,
        startedAt=record.started_at,
        startedBy=record.started_by,
        stopCode=record.stop_code.value if record.stop_code else None,
        stoppedAt=record.stopped_at,
        stoppedReason=record.stopped_reason,
        stoppingAt=record.stopping_at,
        tags=tags.shown(record.tags) if "TAGS" in include else [],
        taskArn=record.arn,
        taskDefinitionArn=record.task_definition_arn,
        version=record.version,
    )


def overrides(record: Task) -> dict[str, Any]:
    """Every container appears, by its name alone when nothing of it was overridden."""
    given = {o.get("name"): o for o in record.overrides.get("containerOverrides", [])}
    return {
        **record.overrides,
        "containerOverrides": [given.get(c.name, {"name": c.name}) for c in record.containers],
        "inferenceAcceleratorOverrides": record.overrides.get("inferenceAcceleratorOverrides", []),
    }


def _connectivity(record: Task, instance: ContainerInstance | None) -> str | None:
    """A task that no instance has yet has none."""
    if record.container_instance_arn is None:
        return None
    return "CONNECTED" if instance is not None and instance.agent_connected else "DISCONNECTED"


def _storage(record: Task) -> dict[str, int] | None:
    return None if record.ephemeral_storage_gib is None else {"sizeInGiB": record.ephemeral_storage_gib}


def _attributes(instance: ContainerInstance | None) -> list[dict[str, str]]:
    architecture = instance.attributes.get("ecs.cpu-architecture") if instance else None
    return [{"name": "ecs.cpu-architecture", "value": architecture}] if architecture else []


def _container(record: Container, task: Task) -> dict[str, Any]:
    return present(
        containerArn=record.arn,
        taskArn=task.arn,
        name=record.name,
        image=record.image,
        imageDigest=record.image_digest,
        runtimeId=record.runtime_id,
        lastStatus=record.last_status,
        exitCode=record.exit_code,
        reason=record.reason,
        networkBindings=list(record.network_bindings),
        networkInterfaces=_interfaces(task),
        healthStatus=record.health.value,
        managedAgents=_managed_agents(record, task),
        gpuIds=list(task.gpus_of(record)) if record.gpus else None,
        cpu=str(record.cpu),
        memory=None if record.memory_mib is None else str(record.memory_mib),
        memoryReservation=None if record.memory_reservation_mib is None else str(record.memory_reservation_mib),
    )


def _interfaces(task: Task) -> list[dict[str, str]]:
    """The task's interface, which every container of it shows once it is there."""
    attached = [a for a in task.attachments if a["type"] == "ElasticNetworkInterface" and len(a["details"]) > 1]
    told = [(a["id"], {d["name"]: d["value"] for d in a["details"]}) for a in attached]
    return [
        {"attachmentId": identity, "privateIpv4Address": details["privateIPv4Address"]} for identity, details in told
    ]


def _managed_agents(record: Container, task: Task) -> list[dict[str, Any]] | None:
    """Those that the agent told of. Until then the one that is wanted is PENDING, and it ends with its container."""
    if not task.enable_execute_command:
        return None
    if record.managed_agents and record.last_status != "STOPPED":
        return [_with_start(agent) for agent in record.managed_agents]
    return [_exec_agent(record)]


def _with_start(agent: dict[str, Any]) -> dict[str, Any]:
    started = agent.get("lastStartedAt")
    return agent if started is None else {**agent, "lastStartedAt": datetime.fromtimestamp(started, UTC)}


def _exec_agent(record: Container) -> dict[str, Any]:
    return {"name": "ExecuteCommandAgent", "lastStatus": "STOPPED" if record.last_status == "STOPPED" else "PENDING"}
