"""What a task definition may say, and how ECS stores what was said.

Every rule raises ClientException with AWS's sentence. Source of the sentences: answers of the real
service, as users report them; of the defaults: Amazon ECS API Reference, ContainerDefinition.
"""

import json
import re
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

from podium.ecs.errors import Client
from podium.ecs.names import NAME
from podium.ecs.rules.compatibility import compatibilities, required_attributes

Document = dict[str, Any]

EMPTY_LISTS = ("portMappings", "environment", "mountPoints", "volumesFrom", "systemControls")
CPU = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*vcpu\s*", re.IGNORECASE)
MEMORY = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*gb\s*", re.IGNORECASE)
MOST_CONTAINERS = 10
LEAST_MEMORY_MIB = 6
MOST_BYTES = 65536
ECHOED = (
    "family",
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "containerDefinitions",
    "volumes",
    "placementConstraints",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
    "inferenceAccelerators",
    "ephemeralStorage",
    "runtimePlatform",
    "enableFaultInjection",
)


def stored(request: Document) -> Document:
    """The request as DescribeTaskDefinition gives it back, without ARN and revision. Raises Client."""
    if "tags" in request and not request["tags"]:
        raise Client("Tags can not be empty.")
    document = {name: request[name] for name in ECHOED if request.get(name) is not None}
    _check_family(document)
    for name, unit in (("cpu", CPU), ("memory", MEMORY)):
        if name in document:
            document[name] = _in_units(name, document[name], unit)
    mode = document.get("networkMode")
    document["containerDefinitions"] = [_container(c, mode) for c in document.get("containerDefinitions", [])]
    document.setdefault("volumes", [])
    document.setdefault("placementConstraints", [])
    for rule in RULES:
        rule(document)
    document["compatibilities"] = compatibilities(document)
    document["requiresAttributes"] = [{"name": name} for name in required_attributes(document)]
    return document


def _in_units(name: str, text: str, human: re.Pattern[str]) -> str:
    """`"1 vCPU"` and `"2 GB"` as the plain numbers of units and MiB that ECS stores."""
    if found := human.fullmatch(text):
        return str(int(float(found[1]) * 1024))
    if not text.strip().isdigit() or int(text) <= 0:
        raise Client(f"Invalid '{name}' setting for task.")
    return str(int(text))


def _container(given: Document, mode: str | None) -> Document:
    kept = {"cpu": 0, "essential": True, **{k: v for k, v in given.items() if v is not None}}
    for name in EMPTY_LISTS:
        kept.setdefault(name, [])
    kept["portMappings"] = [_port_mapping(m, mode) for m in kept["portMappings"]]
    if check := kept.get("healthCheck"):
        kept["healthCheck"] = {"interval": 30, "timeout": 5, "retries": 3, **check}
    if (policy := kept.get("restartPolicy")) and policy.get("enabled"):
        kept["restartPolicy"] = {"restartAttemptPeriod": 300, **policy}
    return kept


def _port_mapping(given: Document, mode: str | None) -> Document:
    kept = {"protocol": "tcp", **given}
    if "containerPortRange" not in kept:
        default = kept.get("containerPort", 0) if mode in ("awsvpc", "host") else 0
        kept["hostPort"] = kept.get("hostPort") or default
    return kept


def _check_family(document: Document) -> None:
    family = document.get("family", "")
    if not family:
        raise Client("Family should not be null or empty.")
    if not NAME.fullmatch(family):
        raise Client("Family contains invalid characters.")


def _containers(document: Document) -> None:
    containers = document["containerDefinitions"]
    if not containers:
        raise Client("Container list cannot be empty.")
    if len(containers) > MOST_CONTAINERS:
        raise Client("Too many containers.")
    for container in containers:
        _named(container)
    names = [c["name"] for c in containers]
    if len(set(names)) < len(names):
        raise Client("Container names must be unique within a Task Definition.")
    if not any(c["essential"] for c in containers):
        raise Client("Task definition doesn't have any essential container.")


def _named(container: Document) -> None:
    if not container.get("name"):
        raise Client("Container.name should not be null or empty.")
    if not NAME.fullmatch(container["name"]):
        raise Client("Container.name contains invalid characters.")
    if not container.get("image"):
        raise Client("Container.image should not be null or empty.")


def _memory(document: Document) -> None:
    for container in document["containerDefinitions"]:
        hard, soft = container.get("memory"), container.get("memoryReservation")
        setting = f"Invalid setting for container '{container['name']}'."
        if hard is None and soft is None and "memory" not in document:
            raise Client(f"{setting} At least one of 'memory' or 'memoryReservation' must be specified.")
        if hard is not None and hard < LEAST_MEMORY_MIB:
            raise Client(f"{setting} 'memory' must be at least {LEAST_MEMORY_MIB} MiB.")
        if hard is not None and hard < (soft or 0):
            raise Client(f"{setting} 'memory' must be greater than or equal to 'memoryReservation'.")


def _sums(document: Document) -> None:
    containers = document["containerDefinitions"]
    if "memory" in document:
        whole = int(document["memory"])
        for container in containers:
            if container.get("memory", 0) > whole:
                raise Client(f"The 'memory' setting for container '{container['name']}' is greater than for the task.")
        if sum(c.get("memoryReservation", 0) for c in containers) > whole:
            raise Client(
                "The sum of all container 'memoryReservation' values cannot be greater than "
                "the value of the task 'memory'."
            )
    if "cpu" in document and sum(c["cpu"] for c in containers) > int(document["cpu"]):
        raise Client("The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.")


def _ports(document: Document) -> None:
    mode = document.get("networkMode")
    for container, mapping in _mappings(document):
        if "containerPortRange" in mapping:
            if mapping.get("containerPort"):
                raise Client("cannot specify both single port and port range")
            continue
        if not 1 <= mapping.get("containerPort", 0) <= 65535:
            raise Client(f"Invalid 'containerPort' setting for container '{container['name']}'.")
        if mode == "none":
            raise Client("Port mappings are not supported when networkMode=none.")
        if mode in ("awsvpc", "host") and mapping["hostPort"] != mapping["containerPort"]:
            raise Client(f"When networkMode={mode}, the host ports and container ports in port mappings must match.")
    _mapped_once(document)


def _mapped_once(document: Document) -> None:
    seen = set()
    for _, mapping in _mappings(document):
        port = mapping.get("hostPort")
        if not port:
            continue
        if (port, mapping["protocol"]) in seen:
            raise Client(f"{mapping['protocol'].upper()} host port '{port}' is mapped multiple times in task.")
        seen.add((port, mapping["protocol"]))


def _mappings(document: Document) -> Iterator[tuple[Document, Document]]:
    return ((c, m) for c in document["containerDefinitions"] for m in c["portMappings"])


def _dependencies(document: Document) -> None:
    by_name = {c["name"]: c for c in document["containerDefinitions"]}
    edges: dict[str, list[str]] = {}
    for container in by_name.values():
        for dependency in container.get("dependsOn", []):
            name, condition = dependency["containerName"], dependency["condition"]
            if name not in by_name:
                raise Client(f"Cannot depend on container + '{name}' because it does not exist")
            if condition in ("COMPLETE", "SUCCESS") and by_name[name]["essential"]:
                raise Client(
                    "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"
                )
            if condition == "HEALTHY" and "healthCheck" not in by_name[name]:
                raise Client("A dependency container with HEALTHY condition must have health check configured")
            edges.setdefault(container["name"], []).append(name)
    if _has_cycle(edges):
        raise Client("Container dependencies should not have a cycle")


def _links(document: Document) -> None:
    names = {c["name"] for c in document["containerDefinitions"]}
    edges = {}
    for container in document["containerDefinitions"]:
        linked = [link.partition(":")[0] for link in container.get("links", [])]
        if linked and document.get("networkMode") == "awsvpc":
            raise Client("Links are not supported when networkMode=awsvpc.")
        for kind, used in (
            ("links", linked),
            ("volumesFrom", [v["sourceContainer"] for v in container["volumesFrom"]]),
        ):
            for name in used:
                if name not in names:
                    raise Client(f"Invalid '{kind}' setting. Unknown container: '{name}'.")
        edges[container["name"]] = linked
    if _has_cycle(edges):
        raise Client("Container links should not have a cycle")


def _has_cycle(edges: dict[str, list[str]]) -> bool:
    try:
        TopologicalSorter(edges).prepare()
    except CycleError:
        return True
    return False


def _volumes(document: Document) -> None:
    for volume in document["volumes"]:
        if not NAME.fullmatch(volume.get("name", "")):
            raise Client("Volume.name contains invalid characters.")
        if (volume.get("host") or {}).get("sourcePath") == "":
            raise Client("host.sourcePath should not be blank.")
    names = {v["name"] for v in document["volumes"]}
    for container in document["containerDefinitions"]:
        for mount in container["mountPoints"]:
            if mount.get("sourceVolume") not in names:
                raise Client(f"Unknown volume '{mount.get('sourceVolume')}'.")


BOUNDS = {"interval": (5, 300), "timeout": (2, 120), "retries": (1, 10), "startPeriod": (0, 300)}


def _health_checks(document: Document) -> None:
    for container in document["containerDefinitions"]:
        check = container.get("healthCheck")
        if check is None:
            continue
        if not check.get("command") or check["command"][0] not in ("CMD", "CMD-SHELL", "NONE"):
            raise Client(
                f"Health check command of container '{container['name']}' must start with CMD, CMD-SHELL or NONE."
            )
        for name, (least, most) in BOUNDS.items():
            if not least <= check.get(name, least) <= most:
                raise Client(
                    f"Health check {name} of container '{container['name']}' must be between {least} and {most}."
                )


def _log_drivers(document: Document) -> None:
    for container in document["containerDefinitions"]:
        log = container.get("logConfiguration") or {}
        if log.get("logDriver") != "awslogs":
            continue
        lacking = [name for name in ("awslogs-region", "awslogs-group") if not (log.get("options") or {}).get(name)]
        if lacking:
            raise Client(f"Log driver awslogs requires options: {', '.join(lacking)}")


def _networking(document: Document) -> None:
    if document.get("networkMode") == "awsvpc" and any(
        c.get("disableNetworking") for c in document["containerDefinitions"]
    ):
        raise Client("Disable Networking is not supported on container when networkMode=awsvpc")


def _size(document: Document) -> None:
    length = len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())
    if length > MOST_BYTES:
        raise Client(f"Actual length: '{length}'. Max allowed length is '{MOST_BYTES}' bytes.")


def _secrets(document: Document) -> None:
    wants = any(c.get("secrets") for c in document["containerDefinitions"])
    if wants and "executionRoleArn" not in document:
        raise Client("When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.")


def _placement_constraints(document: Document) -> None:
    for constraint in document["placementConstraints"]:
        if constraint.get("type") != "memberOf":
            raise Client(f"constraint.type '{constraint.get('type')}' is not supported.")


ENUMS = {
    "networkMode": ("bridge", "host", "awsvpc", "none"),
    "pidMode": ("host", "task"),
    "ipcMode": ("host", "task", "none"),
}


def _enums(document: Document) -> None:
    for name, values in ENUMS.items():
        if name in document and document[name] not in values:
            raise Client(f"{name} should be one of [{','.join(values)}]")


RULES: tuple[Callable[[Document], None], ...] = (
    _containers,
    _enums,
    _memory,
    _sums,
    _ports,
    _dependencies,
    _links,
    _volumes,
    _health_checks,
    _log_drivers,
    _networking,
    _secrets,
    _placement_constraints,
    _size,
)
