"""What a new task needs and what it looks like, from its definition and its overrides. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from podium.ecs.records import Container, Task, TaskDefinition
from podium.ecs.scheduling.placement import Requirements, Room
from podium.kernel.ids import Ids

ARCHITECTURES = {"X86_64": "x86_64", "ARM64": "arm64"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """Everything about a start that does not depend on where it lands."""

    cluster_arn: str
    definition: TaskDefinition
    group: str
    launch_type: str = "EC2"
    service_arn: str | None = None
    started_by: str | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    distinct: bool = False
    client_token: str | None = None
    client_request: str | None = None
    reference_id: str | None = None


def requirements(launch: Launch) -> Requirements:
    """What it reserves: the task's own CPU and memory when set, else the sum over its containers."""
    document, containers = launch.definition.document, merged_containers(launch)
    cpu = launch.overrides.get("cpu") or document.get("cpu")
    memory = launch.overrides.get("memory") or document.get("memory")
    tcp, udp = static_ports(containers, document.get("networkMode"))
    platform = document.get("runtimePlatform") or {}
    return Requirements(
        cpu=int(cpu) if cpu else sum(c.get("cpu", 0) for c in containers),
        memory_mib=int(memory)
        if memory
        else sum(c.get("memoryReservation") or c.get("memory") or 0 for c in containers),
        ports=frozenset(tcp),
        ports_udp=frozenset(udp),
        attributes=frozenset(a["name"] for a in document.get("requiresAttributes", [])),
        architecture=ARCHITECTURES.get(platform.get("cpuArchitecture", "")),
        group=launch.group,
        distinct=launch.distinct,
    )


def static_ports(containers: Sequence[Mapping[str, Any]], mode: str | None) -> tuple[list[int], list[int]]:
    """Host ports that the task will bind for sure: TCP and UDP. An awsvpc task binds none."""
    if mode in ("awsvpc", "none"):
        return [], []
    mappings = [m for c in containers for m in c.get("portMappings", []) if m.get("hostPort")]
    tcp = [m["hostPort"] for m in mappings if m["protocol"] != "udp"]
    return tcp, [m["hostPort"] for m in mappings if m["protocol"] == "udp"]


def merged_containers(launch: Launch) -> list[dict[str, Any]]:
    """The definition's containers with what the overrides replace; environments are merged by name."""
    given = {o.get("name"): o for o in launch.overrides.get("containerOverrides", [])}
    return [_merged(c, given.get(c["name"], {})) for c in launch.definition.containers]


def _merged(container: dict[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**container, **{k: v for k, v in override.items() if v is not None}}
    environment = {e["name"]: e.get("value", "") for e in container.get("environment", [])}
    environment |= {e["name"]: e.get("value", "") for e in override.get("environment", [])}
    merged["environment"] = [{"name": k, "value": v} for k, v in environment.items()]
    return merged


def task(launch: Launch, room: Room, ids: Ids, now: datetime) -> Task:
    """The task's record, placed: it begins PENDING, as tasks without a network interface of their own do."""
    needs = requirements(launch)
    task_id = ids.hex32()
    within = launch.cluster_arn.replace(":cluster/", ":{}/", 1)
    return Task(
        arn=f"{within.format('task')}/{task_id}",
        cluster_arn=launch.cluster_arn,
        task_definition_arn=launch.definition.arn,
        service_arn=launch.service_arn,
        container_instance_arn=room.instance.arn,
        availability_zone=room.zone,
        group=launch.group,
        started_by=launch.started_by,
        launch_type=launch.launch_type,
        containers=tuple(
            _container(c, f"{within.format('container')}/{task_id}/{ids.uuid()}") for c in merged_containers(launch)
        ),
        overrides=dict(launch.overrides),
        cpu=needs.cpu,
        memory_mib=needs.memory_mib,
        ports=tuple(sorted(needs.ports)),
        ports_udp=tuple(sorted(needs.ports_udp)),
        created_at=now,
        connected_at=now,
        client_token=launch.client_token,
        client_request=launch.client_request,
        reference_id=launch.reference_id,
        tags=dict(launch.tags),
    )


def _container(definition: Mapping[str, Any], arn: str) -> Container:
    return Container(
        name=definition["name"],
        arn=arn,
        image=definition["image"],
        essential=definition["essential"],
        checked="healthCheck" in definition and definition["healthCheck"]["command"][0] != "NONE",
        cpu=definition["cpu"],
        memory_mib=definition.get("memory"),
        memory_reservation_mib=definition.get("memoryReservation"),
    )


def managed_tags(enabled: bool, cluster_name: str, service_name: str | None) -> dict[str, str]:
    """The tags that ECS itself puts on a task when enableECSManagedTags is on."""
    if not enabled:
        return {}
    tags = {"aws:ecs:clusterName": cluster_name}
    return {**tags, "aws:ecs:serviceName": service_name} if service_name else tags
