"""Volumes that are made when a task is launched: `volumeConfigurations` of tasks and services.

Source: Amazon ECS API Reference, TaskManagedEBSVolumeConfiguration and ServiceManagedEBSVolumeConfiguration.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from podium.ecs.errors import InvalidParameter
from podium.ecs.records import TaskDefinition
from podium.ecs.rules import tags

TYPES = ("standard", "gp2", "gp3", "io1", "io2", "sc1", "st1")
WITH_IOPS, NEED_IOPS, WITH_THROUGHPUT = ("gp3", "io1", "io2"), ("io1", "io2"), ("gp3",)
MOST_THROUGHPUT = 1000  # MiB a second
SIZES = {
    **dict.fromkeys(("gp2", "gp3"), (1, 16_384)),
    **dict.fromkeys(("io1", "io2"), (4, 16_384)),
    **dict.fromkeys(("st1", "sc1"), (125, 16_384)),
    "standard": (1, 1_024),
}  # GiB


def stored(given: Sequence[Mapping[str, Any]] | None, definition: TaskDefinition) -> tuple[dict[str, Any], ...]:
    """One configuration for the definition's volume that is configured at launch, and none if it has none."""
    wanted = [v["name"] for v in definition.document["volumes"] if v.get("configuredAtLaunch")]
    for configuration in given or ():
        if configuration["name"] not in wanted:
            raise InvalidParameter(
                f"The volume name '{configuration['name']}' in your request does not have a matching volume in your "
                "Task Definition"
            )
    configured = [c["name"] for c in given or ()]
    for name in wanted:
        if configured.count(name) != 1:
            raise InvalidParameter(
                f"The volume '{name}' is configured at launch. Specify exactly one volume configuration for it "
                "and try again."
            )
    for configuration in given or ():
        _ebs(configuration.get("managedEBSVolume") or {})
    return tuple(dict(c) for c in given or ())


def _ebs(volume: Mapping[str, Any]) -> None:
    kind = volume.get("volumeType") or "gp3"
    if not volume:
        raise InvalidParameter("managedEBSVolume must be specified in a volume configuration.")
    if kind not in TYPES:
        raise InvalidParameter(f"volumeType should be one of [{','.join(TYPES)}]")
    if "sizeInGiB" not in volume and not volume.get("snapshotId"):
        raise InvalidParameter("Either sizeInGiB or snapshotId must be specified for an Amazon EBS volume.")
    least, most = SIZES[kind]
    if "sizeInGiB" in volume and not least <= volume["sizeInGiB"] <= most:
        raise InvalidParameter(f"sizeInGiB must be between {least} and {most} for volume type {kind}.")
    if kind in NEED_IOPS and not volume.get("iops"):
        raise InvalidParameter(f"iops must be specified for volume type {kind}.")
    if volume.get("iops") and kind not in WITH_IOPS:
        raise InvalidParameter(f"iops is not supported for volume type {kind}.")
    if volume.get("throughput") and kind not in WITH_THROUGHPUT:
        raise InvalidParameter(f"throughput is not supported for volume type {kind}.")
    if (volume.get("throughput") or 0) > MOST_THROUGHPUT:
        raise InvalidParameter(f"throughput must be at most {MOST_THROUGHPUT}")
    for specification in volume.get("tagSpecifications") or ():
        tags.parsed(specification.get("tags"))
