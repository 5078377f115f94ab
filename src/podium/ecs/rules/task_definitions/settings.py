"""The settings of one container: health checks, restarts, time-outs, limits, environment, devices.

Source: Amazon ECS API Reference, ContainerDefinition and the types of its members.
"""

import re

from podium.ecs.errors import Client
from podium.ecs.rules.task_definitions.documents import Document, Rule, containers, one_of, within

HEALTH_BOUNDS = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "startPeriod": (0, 300)}
RESTART_PERIOD = (60, 1800)
MOST_IGNORED_EXIT_CODES = 50
MOST_ENVIRONMENT_FILES = 10
MOST_CREDENTIAL_SPECS = 1
LEAST_TIMEOUT = 2
SWAPPINESS = (0, 100)
ULIMITS = (
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
)
CAPABILITIES = re.compile(r"[A-Z_]{2,32}")
CREDENTIAL_SPECS = ("credentialspec:", "credentialspecdomainless:")


def _health_check(container: Document) -> None:
    check = container.get("healthCheck")
    if check is None:
        return
    name = container["name"]
    if not check.get("command") or check["command"][0] not in ("CMD", "CMD-SHELL", "NONE"):
        raise Client(f"Health check command of container '{name}' must start with CMD, CMD-SHELL or NONE.")
    for setting, (least, most) in HEALTH_BOUNDS.items():
        within(f"Health check {setting} of container '{name}'", check.get(setting), least, most)


def _restart_policy(container: Document) -> None:
    policy = container.get("restartPolicy") or {}
    name = container["name"]
    within(f"restartAttemptPeriod of container '{name}'", policy.get("restartAttemptPeriod"), *RESTART_PERIOD)
    if len(policy.get("ignoredExitCodes") or ()) > MOST_IGNORED_EXIT_CODES:
        raise Client(f"Container '{name}' can have at most {MOST_IGNORED_EXIT_CODES} ignored exit codes.")


def _timeouts(container: Document) -> None:
    for setting in ("startTimeout", "stopTimeout"):
        if container.get(setting, LEAST_TIMEOUT) < LEAST_TIMEOUT:
            raise Client(f"Container {setting} should be at least {LEAST_TIMEOUT} seconds.")


def _environment(container: Document) -> None:
    for variable in container["environment"]:
        if not variable.get("name"):
            raise Client(f"Environment variable names of container '{container['name']}' cannot be blank.")


def _environment_files(container: Document) -> None:
    environment_files(container.get("environmentFiles") or [])


def environment_files(files: list[Document]) -> None:
    """Overrides obey the same rule."""
    if len(files) > MOST_ENVIRONMENT_FILES:
        raise Client(f"A container can have at most {MOST_ENVIRONMENT_FILES} environment files.")
    for file in files:
        one_of("type", file["type"], ("s3",))
        if not file["value"].startswith("arn:") or not file["value"].endswith(".env"):
            raise Client(f"Invalid environment file '{file['value']}': it must be the ARN of an object ending in .env.")


def _ulimits(container: Document) -> None:
    for limit in container.get("ulimits") or ():
        one_of("ulimit name", limit["name"], ULIMITS)
        if limit["hardLimit"] != -1 and not 0 <= limit["softLimit"] <= limit["hardLimit"]:
            raise Client(f"The soft limit of ulimit '{limit['name']}' cannot be greater than its hard limit.")


def _linux_parameters(container: Document) -> None:
    linux, name = container.get("linuxParameters") or {}, container["name"]
    within(f"swappiness of container '{name}'", linux.get("swappiness"), *SWAPPINESS)
    for setting in ("maxSwap", "sharedMemorySize"):
        if linux.get(setting, 0) < 0:
            raise Client(f"Invalid '{setting}' setting for container '{name}'.")
    capabilities = linux.get("capabilities") or {}
    for capability in (*capabilities.get("add", ()), *capabilities.get("drop", ())):
        if not CAPABILITIES.fullmatch(capability):
            raise Client(f"Invalid Linux capability '{capability}' for container '{name}'.")
    for device in linux.get("devices") or ():
        for permission in device.get("permissions") or ():
            one_of("permissions", permission, ("read", "write", "mknod"))


def _credential_specs(container: Document) -> None:
    specs = container.get("credentialSpecs") or []
    if len(specs) > MOST_CREDENTIAL_SPECS:
        raise Client(f"A container can have at most {MOST_CREDENTIAL_SPECS} credential spec.")
    for spec in specs:
        if not spec.startswith(CREDENTIAL_SPECS):
            raise Client("credentialSpecs should start with credentialspec: or credentialspecdomainless:.")


def _version_consistency(container: Document) -> None:
    if "versionConsistency" in container:
        one_of("versionConsistency", container["versionConsistency"], ("enabled", "disabled"))


def _every_container(document: Document) -> None:
    for container in containers(document):
        for rule in OF_A_CONTAINER:
            rule(container)


OF_A_CONTAINER: tuple[Rule, ...] = (
    _health_check,
    _restart_policy,
    _timeouts,
    _environment,
    _environment_files,
    _ulimits,
    _linux_parameters,
    _credential_specs,
    _version_consistency,
)
RULES: tuple[Rule, ...] = (_every_container,)
