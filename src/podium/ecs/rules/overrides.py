"""What RunTask and StartTask may change of a task definition for one task.

Source: Amazon ECS API Reference, TaskOverride and ContainerOverride.
"""

import json
from collections.abc import Mapping
from typing import Any

from podium.ecs.errors import Client, InvalidParameter
from podium.ecs.records import TaskDefinition
from podium.ecs.rules.task_definitions import fargate, normal, platforms, settings
from podium.ecs.rules.task_definitions.containers import LEAST_MEMORY_MIB

LONGEST = 8192


def stored(given: Mapping[str, Any] | None, definition: TaskDefinition, runs_on: str) -> dict[str, Any]:
    """As the task keeps it, sizes in plain numbers. Raises InvalidParameter, or Client as a definition would."""
    overrides = {name: value for name, value in (given or {}).items() if value is not None}
    if len(json.dumps(overrides, separators=(",", ":"), default=str)) > LONGEST:
        raise InvalidParameter(f"Container Overrides length must be at most {LONGEST}")
    _containers(overrides.get("containerOverrides") or [], definition)
    if "cpu" in overrides:
        overrides["cpu"] = normal.cpu_units(overrides["cpu"])
    if "memory" in overrides:
        overrides["memory"] = normal.memory_mib(overrides["memory"])
    if "ephemeralStorage" in overrides:
        platforms.ephemeral_storage(overrides["ephemeralStorage"]["sizeInGiB"])
    platforms.roles(overrides)
    _sizes(overrides, definition, runs_on)
    return overrides


def _containers(given: list[Mapping[str, Any]], definition: TaskDefinition) -> None:
    known = {c["name"] for c in definition.containers}
    devices = {a["deviceName"] for a in definition.document.get("inferenceAccelerators") or ()}
    for override in given:
        name = override.get("name")
        if not name:
            raise InvalidParameter("name cannot be blank.")
        if name not in known:
            raise InvalidParameter(f"Override for container named {name} is not a container in the TaskDefinition.")
        settings.environment_files(override.get("environmentFiles") or [])
        for need in override.get("resourceRequirements") or ():
            platforms.resource_requirement(need, devices)
        for setting in ("memory", "memoryReservation"):
            if override.get(setting, LEAST_MEMORY_MIB) < LEAST_MEMORY_MIB:
                raise Client(
                    f"Invalid setting for container '{name}'. '{setting}' must be at least {LEAST_MEMORY_MIB} MiB."
                )


def _sizes(overrides: Mapping[str, Any], definition: TaskDefinition, runs_on: str) -> None:
    """The task's size with the overrides must be one of Fargate's, and large enough for its containers."""
    document = definition.document
    cpu, memory = overrides.get("cpu", document.get("cpu")), overrides.get("memory", document.get("memory"))
    if runs_on == "FARGATE" and cpu and memory:
        fargate.size(int(cpu), int(memory), fargate.is_windows(document))
    by_name = {o["name"]: o for o in overrides.get("containerOverrides") or ()}
    merged = [{**c, **by_name.get(c["name"], {})} for c in definition.containers]
    if memory and any((c.get("memory") or 0) > int(memory) for c in merged):
        name = next(c["name"] for c in merged if (c.get("memory") or 0) > int(memory))
        raise Client(f"The 'memory' setting for container '{name}' is greater than for the task.")
    if cpu and sum(c.get("cpu") or 0 for c in merged) > int(cpu):
        raise Client("The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.")


def task_role(overrides: Mapping[str, Any], definition: TaskDefinition) -> str | None:
    return overrides.get("taskRoleArn") or definition.document.get("taskRoleArn")
