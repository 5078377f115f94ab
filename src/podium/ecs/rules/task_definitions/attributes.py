"""The attributes that an instance must have for what a task definition uses.

Source: Amazon ECS API Reference, TaskDefinition, `requiresAttributes`; Amazon ECS Developer Guide,
"Amazon ECS container agent capabilities" (the names that agents offer).
"""

from collections.abc import Callable, Iterable
from typing import Any

from podium.ecs.rules.task_definitions.documents import Document, containers
from podium.ecs.rules.task_definitions.fargate import is_ecr_image

COM = "com.amazonaws.ecs.capability."
ECS = "ecs.capability."
DOCKER = COM + "docker-remote-api."


def required_attributes(document: Document) -> list[str]:
    """Names in the order in which the features are listed below, each once."""
    found = [name for test, names in NEEDS if test(document) for name in names]
    more = (_log_drivers, _secrets, _log_secrets, _routers, _volumes, _credential_specs)
    return list(dict.fromkeys([*found, *(name for read in more for name in read(document))]))


def _any(test: Callable[[Document], Any]) -> Callable[[Document], bool]:
    return lambda document: any(test(c) for c in containers(document))


def _linux(container: Document) -> Document:
    return container.get("linuxParameters") or {}


def _pulls_from_ecr(container: Document) -> bool:
    return is_ecr_image(container["image"])


def _maps_a_range(container: Document) -> bool:
    return any("containerPortRange" in mapping for mapping in container["portMappings"])


NEEDS: tuple[tuple[Callable[[Document], Any], tuple[str, ...]], ...] = (
    (lambda d: d.get("networkMode") == "awsvpc", (ECS + "task-eni", DOCKER + "1.18")),
    (lambda d: d.get("taskRoleArn"), (COM + "task-iam-role",)),
    (lambda d: d.get("taskRoleArn") and d.get("networkMode") == "host", (COM + "task-iam-role-network-host",)),
    (_any(_pulls_from_ecr), (COM + "ecr-auth", DOCKER + "1.19")),
    (lambda d: d.get("executionRoleArn") and _any(_pulls_from_ecr)(d), (ECS + "execution-role-ecr-pull",)),
    (_any(lambda c: "memoryReservation" in c), (DOCKER + "1.21",)),
    (_any(lambda c: c.get("privileged")), (COM + "privileged-container",)),
    (_any(lambda c: "healthCheck" in c), (ECS + "container-health-check", DOCKER + "1.24")),
    (_any(lambda c: {"dependsOn", "startTimeout", "stopTimeout"} & set(c)), (ECS + "container-ordering",)),
    (_any(_maps_a_range), (ECS + "network.container-port-range",)),
    (_any(lambda c: (c.get("restartPolicy") or {}).get("enabled")), (ECS + "container-restart-policy",)),
    (_any(lambda c: _linux(c).get("tmpfs") or _linux(c).get("sharedMemorySize")), (DOCKER + "1.22",)),
    (_any(lambda c: _linux(c).get("initProcessEnabled")), (DOCKER + "1.25",)),
    (_any(lambda c: c.get("environmentFiles")), (ECS + "env-files.s3",)),
    (_any(lambda c: c.get("repositoryCredentials")), (ECS + "private-registry-authentication.secretsmanager",)),
    (lambda d: d.get("pidMode") or d.get("ipcMode"), (ECS + "pid-ipc-namespace-sharing",)),
    (lambda d: "cpu" in d or "memory" in d, (ECS + "task-cpu-mem-limit",)),
    (lambda d: "proxyConfiguration" in d, (ECS + "aws-appmesh",)),
)


def _log_drivers(document: Document) -> Iterable[str]:
    for container in containers(document):
        driver = (container.get("logConfiguration") or {}).get("logDriver")
        if driver:
            yield f"{COM}logging-driver.{driver}"
        if driver == "awslogs":
            yield DOCKER + "1.19"
            if document.get("executionRoleArn"):
                yield ECS + "execution-role-awslogs"


def _store(value_from: str) -> str:
    return "asm" if ":secretsmanager:" in value_from else "ssm"


def _secrets(document: Document) -> Iterable[str]:
    for container in containers(document):
        for secret in container.get("secrets") or ():
            yield f"{ECS}secrets.{_store(secret['valueFrom'])}.environment-variables"


def _log_secrets(document: Document) -> Iterable[str]:
    for container in containers(document):
        for secret in (container.get("logConfiguration") or {}).get("secretOptions") or ():
            yield f"{ECS}secrets.{_store(secret['valueFrom'])}.bootstrap.log-driver"


def _routers(document: Document) -> Iterable[str]:
    for container in containers(document):
        if router := container.get("firelensConfiguration"):
            yield f"{ECS}firelens.{router['type']}"
            if kind := (router.get("options") or {}).get("config-file-type"):
                yield f"{ECS}firelens.options.config.{kind}"


def _volumes(document: Document) -> Iterable[str]:
    for volume in document["volumes"]:
        if driver := (volume.get("dockerVolumeConfiguration") or {}).get("driver"):
            yield f"{ECS}docker-plugin.{driver}"
        if efs := volume.get("efsVolumeConfiguration"):
            yield ECS + "efs"
            if efs.get("authorizationConfig"):
                yield ECS + "efsAuth"
        if "s3filesVolumeConfiguration" in volume:
            yield ECS + "s3files"
        if "fsxWindowsFileServerVolumeConfiguration" in volume:
            yield ECS + "fsxWindowsFileServer"
        if volume.get("configuredAtLaunch"):
            yield ECS + "storage.ebs-task-volume-attach"


def _credential_specs(document: Document) -> Iterable[str]:
    for container in containers(document):
        for spec in container.get("credentialSpecs") or ():
            yield ECS + ("gmsa-domainless" if spec.startswith("credentialspecdomainless:") else "gmsa")
