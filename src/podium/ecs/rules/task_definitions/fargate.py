"""What Fargate asks of a task definition.

Source: Amazon ECS Developer Guide, "Amazon ECS task definition differences for Fargate" and "Task CPU and memory".
"""

import re

from podium.ecs.errors import Client
from podium.ecs.rules.task_definitions.documents import Document, Rule, containers

GIB = 1024
SIZES: dict[int, range | tuple[int, ...]] = {
    256: (512, GIB, 2 * GIB),
    512: range(GIB, 4 * GIB + 1, GIB),
    1024: range(2 * GIB, 8 * GIB + 1, GIB),
    2048: range(4 * GIB, 16 * GIB + 1, GIB),
    4096: range(8 * GIB, 30 * GIB + 1, GIB),
    8192: range(16 * GIB, 60 * GIB + 1, 4 * GIB),
    16384: range(32 * GIB, 120 * GIB + 1, 8 * GIB),
}  # CPU units: MiB
ON_WINDOWS = (1024, 2048, 4096)
DRIVERS = ("awslogs", "splunk", "awsfirelens")
ECR_IMAGE = re.compile(r"\d{12}\.dkr[.-]ecr(-fips)?\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|on\.aws)/")
MOST_STOP_TIMEOUT = 120
NOT_IN_CONTAINERS = ("privileged", "links", "dockerSecurityOptions", "extraHosts", "disableNetworking")
NOT_IN_LINUX = ("devices", "sharedMemorySize", "maxSwap", "swappiness")
MAY_ADD = {"SYS_PTRACE"}


def _network(document: Document) -> None:
    if document.get("networkMode") != "awsvpc":
        raise Client("Fargate only supports network mode ‘awsvpc’.")


def _size(document: Document) -> None:
    for name in ("cpu", "memory"):
        if name not in document:
            raise Client(f"Fargate requires that '{name}' be defined at the task level.")
    size(int(document["cpu"]), int(document["memory"]), is_windows(document))


def size(cpu: int, memory: int, windows: bool = False) -> None:
    """Overrides obey the same rule."""
    if memory not in SIZES.get(cpu, ()) or (windows and cpu not in ON_WINDOWS):
        raise Client(f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory")


def is_windows(document: Document) -> bool:
    family: str = (document.get("runtimePlatform") or {}).get("operatingSystemFamily", "LINUX")
    return family != "LINUX"


def _execution_role(document: Document) -> None:
    if "executionRoleArn" in document:
        return
    head = "Fargate requires task definition to have execution role ARN to support"
    if any(is_ecr_image(c["image"]) for c in containers(document)):
        raise Client(f"{head} ECR images.")
    if any(_driver(c) == "awslogs" for c in containers(document)):
        raise Client(f"{head} log driver awslogs.")


def is_ecr_image(image: str) -> bool:
    return ECR_IMAGE.match(image) is not None


def _modes(document: Document) -> None:
    if document.get("pidMode") == "host":
        raise Client(
            "Tasks using the Fargate launch type do not support pidMode 'host'. "
            "The supported value for pidMode is 'task'."
        )
    if "ipcMode" in document:
        raise Client("Tasks using the Fargate launch type do not support ipcMode.")


def _unsupported(document: Document) -> None:
    for volume in document["volumes"]:
        if "dockerVolumeConfiguration" in volume:
            _no("dockerVolumeConfiguration")
        if (volume.get("host") or {}).get("sourcePath"):
            _no("sourcePath")
        if "fsxWindowsFileServerVolumeConfiguration" in volume:
            _no("fsxWindowsFileServerVolumeConfiguration")
    if document["placementConstraints"]:
        _no("placementConstraints")
    if document.get("inferenceAccelerators"):
        _no("inferenceAccelerators")
    for container in containers(document):
        _unsupported_in_container(container)


def _unsupported_in_container(container: Document) -> None:
    for name in NOT_IN_CONTAINERS:
        if container.get(name):
            _no(name)
    linux = container.get("linuxParameters") or {}
    for name in NOT_IN_LINUX:
        if linux.get(name):
            _no(name)
    if set((linux.get("capabilities") or {}).get("add", ())) - MAY_ADD:
        raise Client("Fargate compatible task definitions only support adding the SYS_PTRACE capability")
    if any(need["type"] == "GPU" for need in container.get("resourceRequirements") or ()):
        _no("GPU resource requirements")


def _no(what: str) -> None:
    raise Client(f"Fargate compatible task definitions do not support {what}")


def _log_drivers(document: Document) -> None:
    for container in containers(document):
        driver = _driver(container)
        if driver and driver not in DRIVERS:
            raise Client(
                f"Log driver {driver} is not supported on Fargate. Supported log drivers are {', '.join(DRIVERS)}."
            )


def _driver(container: Document) -> str:
    driver: str = (container.get("logConfiguration") or {}).get("logDriver", "")
    return driver


def _timeouts(document: Document) -> None:
    for container in containers(document):
        for name, word in (("stopTimeout", "stop"), ("startTimeout", "start")):
            if container.get(name, 0) > MOST_STOP_TIMEOUT:
                raise Client(
                    f"Tasks using the Fargate launch type must have a container {word} timeout "
                    "of less than 120 seconds."
                )


RULES: tuple[Rule, ...] = (_network, _size, _execution_role, _modes, _unsupported, _log_drivers, _timeouts)
