"""The GPUs that a payload hands to a container, in NVIDIA's and Docker's words.

Source: Amazon ECS Developer Guide, "Amazon ECS task definitions for GPU workloads"; the open-source agent.
"""

from typing import Any

from podium_agent.engine.records import Container, Task

_VISIBLE_DEVICES = "NVIDIA_VISIBLE_DEVICES"
_RUNTIME = "nvidia"


def gpus(task: Task, container: Container) -> list[str]:
    """The UUIDs of the devices associated with the container."""
    associations = task.payload.get("associations") or []
    return [a["name"] for a in associations if a.get("type") == "gpu" and container.name in (a.get("containers") or [])]


def environment(task: Task, container: Container) -> dict[str, str]:
    devices = gpus(task, container)
    return {_VISIBLE_DEVICES: ",".join(devices)} if devices else {}


def host_config(task: Task, container: Container) -> dict[str, Any]:
    """An external instance has Docker hand the devices out; elsewhere NVIDIA's runtime reads the variable."""
    devices = gpus(task, container)
    if not devices:
        return {}
    if task.payload.get("launchType") == "EXTERNAL":
        return {"DeviceRequests": [{"DeviceIDs": devices, "Capabilities": [["gpu"]]}]}
    return {"Runtime": _RUNTIME}
