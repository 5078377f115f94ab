"""Where a task definition could run: launch types it fits, and attributes an instance must have.

Source: Amazon ECS API Reference, TaskDefinition, `compatibilities` and `requiresAttributes`.
"""

from collections.abc import Callable, Iterable
from typing import Any

Document = dict[str, Any]
COM = "com.amazonaws.ecs.capability."
ECS = "ecs.capability."


def compatibilities(document: Document) -> list[str]:
    mode = document.get("networkMode")
    fits = ["EC2"] if mode == "awsvpc" else ["EXTERNAL", "EC2"]
    if mode == "awsvpc" and "cpu" in document and "memory" in document:
        fits.append("FARGATE")
    return fits


def _any(test: Callable[[Document], Any]) -> Callable[[Document], bool]:
    return lambda document: any(test(c) for c in document["containerDefinitions"])


NEEDS: tuple[tuple[Callable[[Document], Any], tuple[str, ...]], ...] = (
    (lambda d: d.get("networkMode") == "awsvpc", (ECS + "task-eni", COM + "docker-remote-api.1.18")),
    (lambda d: d.get("taskRoleArn"), (COM + "task-iam-role",)),
    (lambda d: d.get("taskRoleArn") and d.get("networkMode") == "host", (COM + "task-iam-role-network-host",)),
    (_any(lambda c: "memoryReservation" in c), (COM + "docker-remote-api.1.21",)),
    (_any(lambda c: c.get("privileged")), (COM + "privileged-container",)),
    (_any(lambda c: "healthCheck" in c), (ECS + "container-health-check", COM + "docker-remote-api.1.24")),
    (_any(lambda c: {"dependsOn", "startTimeout", "stopTimeout"} & set(c)), (ECS + "container-ordering",)),
    (
        _any(lambda c: (c.get("linuxParameters") or {}).get("initProcessEnabled")),
        (COM + "docker-remote-api.1.25",),
    ),
    (_any(lambda c: c.get("environmentFiles")), (ECS + "env-files.s3",)),
    (_any(lambda c: c.get("repositoryCredentials")), (ECS + "private-registry-authentication.secretsmanager",)),
    (lambda d: d.get("pidMode") or d.get("ipcMode"), (ECS + "pid-ipc-namespace-sharing",)),
    (lambda d: "cpu" in d or "memory" in d, (ECS + "task-cpu-mem-limit",)),
)


def required_attributes(document: Document) -> list[str]:
    """Names in the order in which the features are listed above, each once."""
    found = [name for test, names in NEEDS if test(document) for name in names]
    return list(dict.fromkeys([*found, *_log_drivers(document), *_secrets(document), *_volume_drivers(document)]))


def _log_drivers(document: Document) -> Iterable[str]:
    for container in document["containerDefinitions"]:
        driver = (container.get("logConfiguration") or {}).get("logDriver")
        if driver:
            yield f"{COM}logging-driver.{driver}"
        if driver == "awslogs":
            yield COM + "docker-remote-api.1.19"
            if document.get("executionRoleArn"):
                yield ECS + "execution-role-awslogs"


def _secrets(document: Document) -> Iterable[str]:
    for container in document["containerDefinitions"]:
        for secret in container.get("secrets", []):
            store = "asm" if ":secretsmanager:" in secret.get("valueFrom", "") else "ssm"
            yield f"{ECS}secrets.{store}.environment-variables"


def _volume_drivers(document: Document) -> Iterable[str]:
    for volume in document["volumes"]:
        if driver := (volume.get("dockerVolumeConfiguration") or {}).get("driver"):
            yield f"{ECS}docker-plugin.{driver}"
        if "efsVolumeConfiguration" in volume:
            yield ECS + "efs"
