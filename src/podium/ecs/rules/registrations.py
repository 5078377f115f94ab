"""What a host says of itself when it registers, and what of it stays when it registers again.

Source: the open-source agent's RegisterContainerInstance; see docs/design/0002-agent-protocol.md.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from podium.ecs import names
from podium.ecs.errors import Client
from podium.ecs.records import ContainerInstance, InstanceStatus
from podium.kernel.principal import Principal
from podium.store.records import replace

AZ, TYPE = "ecs.availability-zone", "ecs.instance-type"
DOCUMENTED = {TYPE: "instanceType", "ecs.ami-id": "imageId", AZ: "availabilityZone"}
"""Attributes that the identity document of an EC2 instance tells, and what it calls them."""
FOLLOWS = "podium.follows-clusters"  # an attribute by which an agent says that it joins every cluster
EXTERNAL = "ecs.capability.external"
AGENTS_OWN = ("ecs.", "com.amazonaws.", "podium.")  # how attributes begin that every registration says anew
TOKEN_COUNTS_FOR = timedelta(minutes=10)
Request = Mapping[str, Any]


def claim(request: Request) -> str:
    """The SHA-256 of the secret that the agent made for itself; empty from an agent that has none."""
    return _told(request, "podiumClaim")


def same_one(
    instances: Iterable[ContainerInstance], request: Request, registrar: str, now: datetime
) -> ContainerInstance | None:
    """The instance that this agent has made already, its answer lost on the way or with the agent's process."""
    token, claimed = request.get("clientToken") or "", claim(request)
    for instance in instances:
        is_over = instance.status is InstanceStatus.INACTIVE or instance.revoked_at is not None
        if is_over or instance.registered_by != registrar:
            continue
        if _is_asked_for_again(instance, token, now) or _was_never_taken_up(instance, claimed):
            return instance
    return None


def _is_asked_for_again(instance: ContainerInstance, token: str, now: datetime) -> bool:
    """By the same process: the token tells."""
    return bool(token) and instance.client_token == token and now - instance.registered_at < TOKEN_COUNTS_FOR


def _was_never_taken_up(instance: ContainerInstance, claimed: str) -> bool:
    """Its agent, which the claim tells, ended before it had kept the ARN: it has not dialed in as this instance."""
    never_connected = not instance.agent_connected and instance.disconnected_at is None
    return never_connected and bool(claimed) and instance.claim == claimed


def registered(before: ContainerInstance, request: Request, region: str, now: datetime) -> ContainerInstance:
    """The instance as its agent describes it now. One that drains still does.

    One that was deregistered is back, and its agent is away from this moment on until it dials in.
    """
    resources = {r.get("name", ""): r for r in request.get("totalResources", ())}
    attributes = _attributes(before, request, region)
    versions = request.get("versionInfo") or {}
    revived = before.status is InstanceStatus.INACTIVE
    if revived:
        before = replace(before, disconnected_at=now, given_up_at=None)
    return replace(
        before,
        status=InstanceStatus.ACTIVE if revived else before.status,
        cpu=resources.get("CPU", {}).get("integerValue", 0),
        memory_mib=resources.get("MEMORY", {}).get("integerValue", 0),
        ports=_ports(resources, "PORTS"),
        ports_udp=_ports(resources, "PORTS_UDP"),
        gpus=_strings(resources, "GPU"),
        attributes=attributes,
        agent_version=versions.get("agentVersion", before.agent_version),
        agent_hash=versions.get("agentHash", before.agent_hash),
        docker_version=versions.get("dockerVersion", before.docker_version),
        follows_clusters=attributes.get(FOLLOWS) == "true",
        client_token=request.get("clientToken") or before.client_token,
        claim=claim(request) or before.claim,
    )


def same_type(before: ContainerInstance, request: Request) -> None:
    """Raises Client when the machine is of another type now. The open-source agent knows the sentence, and ends."""
    known = (before.attributes.get(TYPE) or "", _attributes(before, request, "").get(TYPE) or "")
    if all(known) and known[0] != known[1]:
        raise Client(
            "Container instance type changes are not supported. "
            f"Container instance {names.task_id(before.arn)} was previously registered as {known[0]}."
        )


def registrar(principal: Principal) -> str:
    """Whom an instance answers to from then on: the user or the role, not one of its sessions."""
    return principal.issuer_arn or principal.arn


def host_id(arn: str, request: Request, principal: Principal) -> str:
    """What stands for the machine: its own word, the managed instance whose role it has, or made from the ARN."""
    if principal.session_name.startswith("mi-"):
        return principal.session_name
    external = any(a.get("name") == EXTERNAL for a in request.get("attributes", ()))
    return _told(request, "instanceId") or f"{'mi' if external else 'i'}-{names.task_id(arn)[:17]}"


def _attributes(before: ContainerInstance, request: Request, region: str) -> dict[str, str | None]:
    """The open-source agent says its operator's own attributes the first time alone; Podium's always says all."""
    told = {a["name"]: a.get("value") for a in request.get("attributes", ())}
    if not claim(request):
        told = {n: v for n, v in before.attributes.items() if not n.startswith(AGENTS_OWN)} | told
    told |= {name: said for name, member in DOCUMENTED.items() if name not in told and (said := _told(request, member))}
    told.setdefault(AZ, before.attributes.get(AZ) or f"{region}a")
    return told


def _ports(resources: Mapping[str, Any], name: str) -> tuple[int, ...]:
    return tuple(int(p) for p in _strings(resources, name))


def _strings(resources: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(resources.get(name, {}).get("stringSetValue") or ())


def _told(request: Request, member: str) -> str:
    """What the machine's identity document says of itself. Nobody vouches for it here."""
    try:
        document = json.loads(request.get("instanceIdentityDocument") or "{}")
    except ValueError:
        return ""
    value = document.get(member, "") if isinstance(document, dict) else ""
    return value if isinstance(value, str) else ""
