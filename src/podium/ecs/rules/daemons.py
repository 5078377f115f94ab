"""What daemons and their task definitions may say.

Source: Amazon ECS API Reference, RegisterDaemonTaskDefinition and CreateDaemon.
"""

from collections.abc import Mapping
from typing import Any

from podium.ecs.errors import Client, InvalidParameter
from podium.ecs.rules import task_definitions

OF_TASKS_ALONE = ("portMappings", "volumesFrom")
KEPT = ("taskRoleArn", "executionRoleArn", "cpu", "memory")
DEPLOYMENT = {"drainPercent": 25.0, "bakeTimeInMinutes": 0}
LONGEST_BAKE_MINUTES = 1440
NO_INSTANCES = "Podium has no Managed Instances yet: there are no instances to run daemon tasks on."


def document(request: Mapping[str, Any]) -> dict[str, Any]:
    """The daemon task definition as stored. What a task definition must obey, it must too. Raises Client."""
    given = {name: request[name] for name in KEPT if name in request}
    volumes = [dict(v) for v in request.get("volumes", ())]
    for volume in volumes:
        _log_driver(volume)
    like = task_definitions.stored(
        {
            **given,
            "family": request["family"],
            "containerDefinitions": request["containerDefinitions"],
            "volumes": [{k: v for k, v in volume.items() if k != "logDriverVolumeConfiguration"} for volume in volumes],
        }
    )
    containers = [
        {k: v for k, v in container.items() if k not in OF_TASKS_ALONE} for container in like["containerDefinitions"]
    ]
    kept = {name: like[name] for name in KEPT if name in like}
    modes = {name: request.get(name, "none") for name in ("pidMode", "ipcMode")}
    return {**kept, **modes, "containerDefinitions": containers, "volumes": volumes}


def _log_driver(volume: Mapping[str, Any]) -> None:
    configuration = volume.get("logDriverVolumeConfiguration")
    if configuration is None:
        return
    if "host" in volume:
        raise Client("A volume can have either host or logDriverVolumeConfiguration, not both.")
    if configuration["driver"] != "json-file":
        raise Client("The only supported log driver of a log driver volume is json-file.")


def deployment(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """The deployment configuration with its defaults. Raises InvalidParameter."""
    made = {**DEPLOYMENT, **(given or {})}
    if not 0 <= made["bakeTimeInMinutes"] <= LONGEST_BAKE_MINUTES:
        raise InvalidParameter(f"bakeTimeInMinutes must be between 0 and {LONGEST_BAKE_MINUTES}")
    alarms = made.get("alarms") or {}
    if alarms.get("enable") and not alarms.get("alarmNames"):
        raise InvalidParameter("alarmNames can not be empty when deployment alarms are enabled.")
    return made


def images(document: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    return tuple({"containerName": c["name"], "image": c["image"]} for c in document["containerDefinitions"])
