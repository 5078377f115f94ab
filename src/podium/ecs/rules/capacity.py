"""What a request wants its tasks to run on, and which platform of it.

Source: Amazon ECS API Reference, RunTask and CreateService, `launchType`, `capacityProviderStrategy` and
`platformVersion`; Amazon ECS Developer Guide, "Fargate platform versions".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from podium.ecs.errors import InvalidParameter, PlatformIncompatible, PlatformUnknown
from podium.ecs.records import Cluster, ProviderKind, TaskDefinition
from podium.ecs.rules import choices, strategies
from podium.kernel.call import Call
from podium.store.session import Transaction

LAUNCH_TYPES = ("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")
RUNS_ON = {
    ProviderKind.EC2_AUTOSCALING: "EC2",
    ProviderKind.FARGATE: "FARGATE",
    ProviderKind.FARGATE_SPOT: "FARGATE",
    ProviderKind.MANAGED_INSTANCES: "MANAGED_INSTANCES",
}
PLATFORMS = {"LINUX": ("1.4.0", "1.3.0"), "WINDOWS": ("1.0.0",)}  # the newest first
LATEST = "LATEST"
NEEDS_1_4 = ("8192", "16384")  # CPU units


@dataclass(frozen=True, kw_only=True, slots=True)
class Capacity:
    """`runs_on` is the launch type of the tasks, whatever asked for it; `launch_type` is None with a strategy."""

    runs_on: str
    launch_type: str | None
    strategy: tuple[dict[str, Any], ...] = ()


def asked(call: Call, tx: Transaction, cluster: Cluster, request: Mapping[str, Any]) -> Capacity:
    """A launch type, a strategy, or the cluster's default strategy; EC2 when there is none. Raises InvalidParameter."""
    if request.get("launchType"):
        choices.one_of("launchType", request["launchType"], LAUNCH_TYPES)
    strategy = strategies.resolved(call, tx, cluster, request)
    kind = strategies.kind(call, tx, strategy)
    if kind is not None:
        return Capacity(runs_on=RUNS_ON[kind], launch_type=None, strategy=strategy)
    launch_type = request.get("launchType") or "EC2"
    if launch_type == "MANAGED_INSTANCES":
        raise InvalidParameter(
            "The MANAGED_INSTANCES launch type cannot be specified. Specify a capacity provider strategy with an "
            "Amazon ECS Managed Instances capacity provider and try again."
        )
    return Capacity(runs_on=launch_type, launch_type=launch_type)


def suits(runs_on: str, definition: TaskDefinition) -> None:
    if runs_on not in definition.document["compatibilities"]:
        raise InvalidParameter(f"Task definition does not support launch_type {runs_on}.")


def platform(given: str | None, runs_on: str, definition: TaskDefinition) -> tuple[str | None, str | None]:
    """Platform version and family as a service shows them; neither unless on Fargate.

    Raises InvalidParameter, PlatformUnknown or PlatformIncompatible.
    """
    if runs_on != "FARGATE":
        if given:
            raise InvalidParameter(f"The platform version must be null when specifying an {runs_on} launch type.")
        return None, None
    system = _system(definition)
    kind = "LINUX" if system == "LINUX" else "WINDOWS"
    version = given or LATEST
    if version not in (LATEST, *PLATFORMS["LINUX"], *PLATFORMS["WINDOWS"]):
        raise PlatformUnknown
    if version != LATEST and version not in PLATFORMS[kind]:
        raise PlatformIncompatible
    if version == "1.3.0" and _needs_newest(definition):
        raise PlatformIncompatible
    return version, family(definition)


def number(version: str | None, platform_family: str | None) -> str | None:
    """LATEST as the number that tasks show."""
    if version != LATEST:
        return version
    return PLATFORMS["LINUX" if platform_family == "Linux" else "WINDOWS"][0]


def family(definition: TaskDefinition) -> str:
    """`Linux`, or `Windows_Server_2022_Core` and its like."""
    return "_".join(word.capitalize() for word in _system(definition).split("_"))


def _system(definition: TaskDefinition) -> str:
    system: str = (definition.document.get("runtimePlatform") or {}).get("operatingSystemFamily", "LINUX")
    return system


def _needs_newest(definition: TaskDefinition) -> bool:
    document = definition.document
    mounts = any("efsVolumeConfiguration" in v for v in document["volumes"])
    return mounts or "ephemeralStorage" in document or document.get("cpu") in NEEDS_1_4
