"""The form in which ECS keeps a task definition: defaults written out, sizes as plain numbers.

Source: Amazon ECS API Reference, ContainerDefinition and PortMapping; answers of the real service.
"""

import re

from podium.ecs.errors import Client
from podium.ecs.names import NAME
from podium.ecs.rules.task_definitions.documents import Document

EMPTY_LISTS = ("portMappings", "environment", "mountPoints", "volumesFrom", "systemControls")
CPU = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})\s*vcpu\s*", re.IGNORECASE | re.ASCII)
MEMORY = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})\s*gb\s*", re.IGNORECASE | re.ASCII)
PLAIN = re.compile(r"\s*\d{1,9}\s*", re.ASCII)
CPU_BOUNDS, MEMORY_BOUNDS = (128, 196_608), (4, 100_000_000)  # units (192 vCPU), MiB
KEPT = (
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
    "trustedExecutionConfiguration",
)


def document(request: Document) -> Document:
    found = {name: request[name] for name in KEPT if request.get(name) is not None}
    _check_family(found.get("family", ""))
    if "cpu" in found:
        found["cpu"] = cpu_units(found["cpu"])
    if "memory" in found:
        found["memory"] = memory_mib(found["memory"])
    mode = found.get("networkMode")
    found["containerDefinitions"] = [_container(c, mode) for c in found.get("containerDefinitions", [])]
    found["volumes"] = [_present(v) for v in found.get("volumes", [])]
    found["placementConstraints"] = [_present(c) for c in found.get("placementConstraints", [])]
    return found


def cpu_units(text: str) -> str:
    """`"1 vCPU"` as the plain number of units that ECS stores. Raises Client."""
    return _in_units("cpu", text, CPU, CPU_BOUNDS)


def memory_mib(text: str) -> str:
    """`"2 GB"` as the plain number of MiB that ECS stores. Raises Client."""
    return _in_units("memory", text, MEMORY, MEMORY_BOUNDS)


def _in_units(name: str, text: str, human: re.Pattern[str], bounds: tuple[int, int]) -> str:
    if found := human.fullmatch(text):
        value = int(float(found[1]) * 1024)
    else:
        value = int(text) if PLAIN.fullmatch(text) else 0
    if not bounds[0] <= value <= bounds[1]:
        raise Client(f"Invalid '{name}' setting for task.")
    return str(value)


def _check_family(family: str) -> None:
    if not family:
        raise Client("Family should not be null or empty.")
    if not NAME.fullmatch(family):
        raise Client("Family contains invalid characters.")


def _present(given: Document) -> Document:
    return {name: value for name, value in given.items() if value is not None}


def _container(given: Document, mode: str | None) -> Document:
    kept = {"cpu": 0, "essential": True, **_present(given)}
    for name in EMPTY_LISTS:
        kept.setdefault(name, [])
    kept["portMappings"] = [_port_mapping(_present(m), mode) for m in kept["portMappings"]]
    if check := kept.get("healthCheck"):
        kept["healthCheck"] = {"interval": 30, "timeout": 5, "retries": 3, **_present(check)}
    if (policy := kept.get("restartPolicy")) and policy.get("enabled"):
        kept["restartPolicy"] = {"restartAttemptPeriod": 300, **_present(policy)}
    return kept


def _port_mapping(given: Document, mode: str | None) -> Document:
    """Any protocol that is not udp counts as tcp. A range of ports has no host port of its own."""
    kept = {**given, "protocol": "udp" if given.get("protocol") == "udp" else "tcp"}
    if "containerPortRange" not in kept:
        default = kept.get("containerPort", 0) if mode in ("awsvpc", "host") else 0
        kept["hostPort"] = kept.get("hostPort") or default
    return kept
