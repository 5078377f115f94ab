"""What a definition asks of the machine: modes, roles, accelerators, storage, isolation, App Mesh.

Source: Amazon ECS API Reference, RegisterTaskDefinition.
"""

import re

from podium.ecs import query
from podium.ecs.errors import Client, InvalidParameter
from podium.ecs.rules.task_definitions.documents import Document, Rule, containers, one_of

ENUMS = {
    "networkMode": ("bridge", "host", "awsvpc", "none"),
    "pidMode": ("host", "task"),
    "ipcMode": ("host", "task", "none"),
}
LAUNCH_TYPES = ("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")
ARCHITECTURES = ("X86_64", "ARM64")
SYSTEMS = (
    "WINDOWS_SERVER_2019_FULL",
    "WINDOWS_SERVER_2019_CORE",
    "WINDOWS_SERVER_2016_FULL",
    "WINDOWS_SERVER_2004_CORE",
    "WINDOWS_SERVER_2022_CORE",
    "WINDOWS_SERVER_2022_FULL",
    "WINDOWS_SERVER_2025_CORE",
    "WINDOWS_SERVER_2025_FULL",
    "WINDOWS_SERVER_20H2_CORE",
    "LINUX",
)
ISOLATION = ("SHARED", "ISOLATED_SANDBOX", "CONFIDENTIAL_SANDBOX")
RESOURCES = ("GPU", "InferenceAccelerator", "NeuronDevice")
ROLE = re.compile(r"(arn:aws[a-z-]*:iam::\d{12}:role/)?[\w+=,.@/-]{1,512}", re.ASCII)
GPUS = re.compile(r"[1-9][0-9]{0,2}")
LEAST_STORAGE_GIB, MOST_STORAGE_GIB = 21, 200
MOST_CONSTRAINTS = 10
IPC_SYSCTLS = ("kernel.msg", "kernel.sem", "kernel.shm", "fs.mqueue.")


def _enums(document: Document) -> None:
    for name, values in ENUMS.items():
        if name in document:
            one_of(name, document[name], values)
    for kind in document.get("requiresCompatibilities", ()):
        one_of("requiresCompatibilities", kind, LAUNCH_TYPES)
    platform = document.get("runtimePlatform") or {}
    if "cpuArchitecture" in platform:
        one_of("cpuArchitecture", platform["cpuArchitecture"], ARCHITECTURES)
    if "operatingSystemFamily" in platform:
        one_of("operatingSystemFamily", platform["operatingSystemFamily"], SYSTEMS)


def roles(document: Document) -> None:
    """Overrides obey the same rule."""
    for name in ("taskRoleArn", "executionRoleArn"):
        if name in document and not ROLE.fullmatch(document[name]):
            raise Client("Role is not valid")


def _storage(document: Document) -> None:
    if "ephemeralStorage" in document:
        ephemeral_storage(document["ephemeralStorage"]["sizeInGiB"])


def ephemeral_storage(size_gib: int) -> None:
    """Overrides obey the same rule."""
    if size_gib < LEAST_STORAGE_GIB:
        raise Client(f"EphemeralStorage size should be at least {LEAST_STORAGE_GIB}")
    if size_gib > MOST_STORAGE_GIB:
        raise Client(f"EphemeralStorage size should be at most {MOST_STORAGE_GIB}")


def _placement_constraints(document: Document) -> None:
    constraints = document["placementConstraints"]
    if len(constraints) > MOST_CONSTRAINTS:
        raise Client(f"Maximum number of constraints is {MOST_CONSTRAINTS}")
    for constraint in constraints:
        if constraint.get("type") != "memberOf":
            raise Client(f"constraint.type '{constraint.get('type')}' is not supported.")
        try:
            query.parsed(constraint.get("expression") or "")
        except InvalidParameter as error:
            raise Client(str(error)) from error


def _accelerators(document: Document) -> None:
    devices = {a["deviceName"] for a in document.get("inferenceAccelerators") or ()}
    neurons = 0
    for container in containers(document):
        for need in container.get("resourceRequirements") or ():
            resource_requirement(need, devices)
            neurons += need["type"] == "NeuronDevice"
    if neurons > 1:
        raise Client("Only one container in a task definition can specify NeuronDevice resources.")


def resource_requirement(need: Document, devices: set[str]) -> None:
    """`devices` are the definition's inference accelerators. Overrides obey the same rule. Raises Client."""
    kind, value = need["type"], need.get("value")
    one_of("resourceRequirements.type", kind, RESOURCES)
    if kind == "GPU" and bool(value) == bool(need.get("sharingStrategy")):
        raise Client("A GPU resource requirement must specify either value or sharingStrategy, but not both.")
    if kind == "GPU" and value and value != "ALL" and not GPUS.fullmatch(value):
        raise Client(f"Invalid value '{value}' for resource requirement of type GPU.")
    if kind == "NeuronDevice" and value != "ALL":
        raise Client("The value of a resource requirement of type NeuronDevice must be ALL.")
    if kind == "InferenceAccelerator" and value not in devices:
        raise Client(f"Unknown inference accelerator '{value}'.")


def _proxy(document: Document) -> None:
    proxy = document.get("proxyConfiguration")
    if proxy is None:
        return
    one_of("proxyConfiguration.type", proxy.get("type") or "APPMESH", ("APPMESH",))
    if document.get("networkMode") != "awsvpc":
        raise Client("Proxy configurations are only supported when networkMode=awsvpc.")
    if proxy["containerName"] not in {c["name"] for c in containers(document)}:
        raise Client(f"Invalid 'proxyConfiguration' setting. Unknown container: '{proxy['containerName']}'.")


def _isolation(document: Document) -> None:
    trusted = document.get("trustedExecutionConfiguration")
    if trusted is None:
        return
    one_of("isolationMode", trusted["isolationMode"], ISOLATION)
    confidential = trusted["isolationMode"] == "CONFIDENTIAL_SANDBOX"
    if confidential != bool(trusted.get("attestationPolicy")):
        raise Client("attestationPolicy must be specified with isolationMode CONFIDENTIAL_SANDBOX, and only with it.")


def _system_controls(document: Document) -> None:
    """Kernel parameters belong to a namespace that the task must have for itself."""
    for container in containers(document):
        for control in container["systemControls"]:
            name = control.get("namespace") or ""
            if name.startswith("net.") and document.get("networkMode") == "host":
                raise Client(f"System control '{name}' is not supported when networkMode=host.")
            if name.startswith(IPC_SYSCTLS) and document.get("ipcMode") == "host":
                raise Client(f"System control '{name}' is not supported when ipcMode=host.")
            if not name.startswith(("net.", *IPC_SYSCTLS)):
                raise Client(f"System control '{name}' is not supported.")


RULES: tuple[Rule, ...] = (
    _enums,
    roles,
    _storage,
    _placement_constraints,
    _accelerators,
    _proxy,
    _isolation,
    _system_controls,
)
