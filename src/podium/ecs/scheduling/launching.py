"""What a new task needs and what it looks like, from its definition and its overrides. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from podium.ecs.records import Container, Registration, Task, TaskDefinition, TaskStatus, TaskTarget
from podium.ecs.scheduling.placement import Requirements, Site, fleet_group
from podium.kernel.ids import Ids
from podium.store.records import replace

TASK_ROLE = "com.amazonaws.ecs.capability.task-iam-role"
FARGATE_STORAGE_GIB = 20
NOWHERE = 1_000  # more GPUs than any host has, and than a definition may ask for
ROLES = {"TaskApplication": "taskRoleArn", "TaskExecution": "executionRoleArn"}
"""What the agent channel calls a role of a task, and what task definitions and overrides call it."""

ARCHITECTURES = {"X86_64": "x86_64", "ARM64": "arm64"}


@dataclass(frozen=True, kw_only=True)
class Launch:
    """Everything about a start that does not depend on where it lands, nor on which of several tasks it is."""

    cluster_arn: str
    definition: TaskDefinition
    group: str
    launch_type: str = "EC2"
    platform_version: str | None = None
    platform_family: str | None = None
    network: Mapping[str, Any] = field(default_factory=dict)  # awsvpcConfiguration
    zones: Mapping[str, str] = field(default_factory=dict)  # of its subnets, by their ids
    volumes: Sequence[Mapping[str, Any]] = ()  # volumeConfigurations, in the API's own names
    enable_execute_command: bool = False
    service_arn: str | None = None
    started_by: str | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    distinct: bool = False
    digests: Mapping[str, str] = field(default_factory=dict)  # of images, by container, where they are pinned
    targets: Sequence[TaskTarget] = ()  # of its service's load balancers
    registrations: Sequence[Registration] = ()  # in its service's registries
    member_of: Sequence[str] = ()  # expressions of the service's or the call's memberOf constraints
    client_token: str | None = None
    client_request: str | None = None
    reference_id: str | None = None

    @cached_property
    def needs(self) -> Requirements:
        return requirements(self)

    @cached_property
    def containers(self) -> list[dict[str, Any]]:
        return containers(self.definition, self.overrides)


def containers(definition: TaskDefinition, overrides: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The definition's containers with what the overrides replace; environments are merged by name."""
    given = {o.get("name"): o for o in overrides.get("containerOverrides", [])}
    return [_merged(c, given.get(c["name"], {})) for c in definition.containers]


def requirements(launch: Launch) -> Requirements:
    """What it reserves: the task's own CPU and memory when set, else the sum over its containers."""
    document, containers = launch.definition.document, launch.containers
    cpu = launch.overrides.get("cpu") or document.get("cpu")
    memory = launch.overrides.get("memory") or document.get("memory")
    tcp, udp = static_ports(containers, document.get("networkMode"))
    platform = document.get("runtimePlatform") or {}
    system = platform.get("operatingSystemFamily")
    return Requirements(
        cpu=int(cpu) if cpu else sum(c.get("cpu", 0) for c in containers),
        memory_mib=int(memory)
        if memory
        else sum(c.get("memoryReservation") or c.get("memory") or 0 for c in containers),
        ports=frozenset(tcp),
        ports_udp=frozenset(udp),
        attributes=_attributes(launch),
        architecture=ARCHITECTURES.get(platform.get("cpuArchitecture", "")),
        os_type=system and ("linux" if system == "LINUX" else "windows"),
        gpus=sum(map(gpus_of, containers)),
        group=fleet_group(launch.launch_type, launch.cluster_arn, launch.group),
        distinct=launch.distinct,
        zones=frozenset(launch.zones.values()) if launch.launch_type != "FARGATE" else frozenset(),
        external=launch.launch_type == "EXTERNAL",
        member_of=(*launch.member_of, *(c.get("expression", "") for c in document.get("placementConstraints", []))),
    )


def gpus_of(container: Mapping[str, Any]) -> int:
    """How many GPUs it wants to itself. Other devices, all GPUs of a host and a share of one are nowhere to be had."""
    wanted = [n for n in container.get("resourceRequirements") or () if n["type"] != "InferenceAccelerator"]
    counts = (n.get("value") or "" if n["type"] == "GPU" else "" for n in wanted)
    return sum(int(count) if count.isdigit() else NOWHERE for count in counts)


def _attributes(launch: Launch) -> frozenset[str]:
    found = {a["name"] for a in launch.definition.document.get("requiresAttributes", [])}
    if launch.overrides.get("taskRoleArn"):
        found.add(TASK_ROLE)
    return frozenset(found)


def static_ports(containers: Sequence[Mapping[str, Any]], mode: str | None) -> tuple[list[int], list[int]]:
    """Host ports that the task will bind for sure: TCP and UDP. An awsvpc task binds none."""
    if mode in ("awsvpc", "none"):
        return [], []
    mappings = [m for c in containers for m in c.get("portMappings", []) if m.get("hostPort")]
    tcp = [m["hostPort"] for m in mappings if m["protocol"] != "udp"]
    return tcp, [m["hostPort"] for m in mappings if m["protocol"] == "udp"]


def _merged(container: dict[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**container, **{k: v for k, v in override.items() if v is not None}}
    environment = {e["name"]: e.get("value", "") for e in container.get("environment", [])}
    environment |= {e["name"]: e.get("value", "") for e in override.get("environment", [])}
    merged["environment"] = [{"name": k, "value": v} for k, v in environment.items()]
    return merged


def task(launch: Launch, site: Site, ids: Ids, now: datetime, provider: str | None = None) -> Task:
    """The task's record, placed: PENDING, or PROVISIONING until the network interface that it needs is there."""
    return placed(_task(launch, ids, now, provider), launch, site, ids, now)


def placed(made: Task, launch: Launch, site: Site, ids: Ids, now: datetime) -> Task:
    """A task that may have waited has the attachments that it was shown with, in the subnet that was chosen now."""
    networked = bool(launch.network)
    subnet = _subnet(launch, site.zone, ids) if networked else ""
    return replace(
        made,
        container_instance_arn=site.instance.arn,
        availability_zone=launch.zones.get(subnet, site.zone),
        gpu_ids=site.gpu_ids,
        waits_for="",
        last_status=TaskStatus.PROVISIONING if networked else TaskStatus.PENDING,
        connected_at=None if networked else now,
        attachments=_networked(launch, made, subnet, ids) if networked else made.attachments,
        containers=tuple(replace(c, reason=None) for c in made.containers) if made.waits_for else made.containers,
    )


def _networked(launch: Launch, made: Task, subnet: str, ids: Ids) -> tuple[dict[str, Any], ...]:
    if not made.attachments:
        return _attachments(launch, subnet, ids)
    interface, *others = made.attachments
    return ({**interface, "details": [{"name": "subnetId", "value": subnet}]}, *others)


def _subnet(launch: Launch, zone: str, ids: Ids) -> str:
    """One in the instance's zone; any, where the instance is none of the user's."""
    near = [subnet for subnet in launch.network["subnets"] if launch.zones.get(subnet) == zone]
    choice: list[str] = near if near and launch.launch_type != "FARGATE" else list(launch.network["subnets"])
    return choice[ids.below(len(choice))] if len(choice) > 1 else choice[0]


def _attachments(launch: Launch, subnet: str | None, ids: Ids) -> tuple[dict[str, Any], ...]:
    interface = () if subnet is None else (_interface(subnet, ids),)
    return (*interface, *(_volume(volume, ids) for volume in launch.volumes))


def waiting(
    launch: Launch, why: str, ids: Ids, now: datetime, provider: str | None = None, lacks: str | None = None
) -> Task:
    """The task's record when there is nowhere to place it: PROVISIONING, and every container says `why`.

    `lacks` is what it says when it has waited in vain, if not the same.
    """
    made = _task(launch, ids, now, provider)
    return replace(
        made,
        last_status=TaskStatus.PROVISIONING,
        waits_for=lacks or why,
        containers=tuple(replace(c, reason=why) for c in made.containers),
        attachments=_attachments(launch, next(iter(launch.network.get("subnets", ())), None), ids),
    )


def _interface(subnet: str, ids: Ids) -> dict[str, Any]:
    return _attachment("ElasticNetworkInterface", ids, subnetId=subnet)


def _volume(configuration: Mapping[str, Any], ids: Ids) -> dict[str, Any]:
    """A standalone task's volume is deleted with it unless the request says otherwise."""
    volume = configuration["managedEBSVolume"]
    ends = (volume.get("terminationPolicy") or {}).get("deleteOnTermination", True)
    return _attachment(
        "AmazonElasticBlockStorage",
        ids,
        roleArn=volume["roleArn"],
        volumeName=configuration["name"],
        deleteOnTermination=str(ends).lower(),
    )


def _attachment(kind: str, ids: Ids, **details: str) -> dict[str, Any]:
    """Not there yet: only what the request says of it is known."""
    told = [{"name": name, "value": value} for name, value in details.items()]
    return {"id": ids.uuid(), "type": kind, "status": "PRECREATED", "details": told}


def _task(launch: Launch, ids: Ids, now: datetime, provider: str | None) -> Task:
    needs = launch.needs
    task_id = ids.hex32()
    within = launch.cluster_arn.replace(":cluster/", ":{}/", 1)
    return Task(
        arn=f"{within.format('task')}/{task_id}",
        cluster_arn=launch.cluster_arn,
        task_definition_arn=launch.definition.arn,
        service_arn=launch.service_arn,
        group=launch.group,
        started_by=launch.started_by,
        launch_type=launch.launch_type,
        capacity_provider=provider,
        platform_version=launch.platform_version,
        platform_family=launch.platform_family,
        ephemeral_storage_gib=storage_gib(launch),
        enable_execute_command=launch.enable_execute_command,
        network=dict(launch.network),
        containers=tuple(
            container(c, f"{within.format('container')}/{task_id}/{ids.uuid()}", launch.digests)
            for c in launch.containers
        ),
        overrides=dict(launch.overrides),
        targets=tuple(launch.targets),
        registrations=tuple(launch.registrations),
        credentials_ids={kind: ids.uuid() for kind in _role_kinds(launch)},
        cpu=needs.cpu,
        memory_mib=needs.memory_mib,
        ports=tuple(sorted(needs.ports)),
        ports_udp=tuple(sorted(needs.ports_udp)),
        created_at=now,
        client_token=launch.client_token,
        client_request=launch.client_request,
        reference_id=launch.reference_id,
        tags=dict(launch.tags),
    )


def _role_kinds(launch: Launch) -> list[str]:
    given = {**launch.definition.document, **launch.overrides}
    return [kind for kind, member in ROLES.items() if given.get(member)]


def storage_gib(launch: Launch) -> int | None:
    """Fargate gives every task some, and tells how much."""
    given = launch.overrides.get("ephemeralStorage") or launch.definition.document.get("ephemeralStorage")
    if given:
        return int(given["sizeInGiB"])
    return FARGATE_STORAGE_GIB if launch.launch_type == "FARGATE" else None


def container(definition: Mapping[str, Any], arn: str, digests: Mapping[str, str]) -> Container:
    """As it begins. `digests` are the pinned ones of its service's revision, by container name."""
    moves = definition.get("versionConsistency") == "disabled"
    return Container(
        name=definition["name"],
        arn=arn,
        image=definition["image"],
        pinned="" if moves else digests.get(definition["name"], ""),
        essential=definition["essential"],
        checked="healthCheck" in definition and definition["healthCheck"]["command"][0] != "NONE",
        cpu=definition["cpu"],
        memory_mib=definition.get("memory"),
        memory_reservation_mib=definition.get("memoryReservation"),
        gpus=gpus_of(definition),
    )


def managed_tags(enabled: bool, cluster_name: str, service_name: str | None) -> dict[str, str]:
    """The tags that ECS itself puts on a task when enableECSManagedTags is on."""
    if not enabled:
        return {}
    tags = {"aws:ecs:clusterName": cluster_name}
    return {**tags, "aws:ecs:serviceName": service_name} if service_name else tags
