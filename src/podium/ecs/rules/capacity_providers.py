"""What a capacity provider may be, and which ones a cluster may use.

Source of the sentences: answers of the real service; of defaults and ranges: Amazon ECS API Reference,
AutoScalingGroupProvider, ManagedScaling and InstanceLaunchTemplate.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from podium.ecs import names
from podium.ecs.errors import Client, InvalidParameter
from podium.ecs.records import CapacityProvider, Cluster, ContainerInstance, ProviderKind
from podium.kernel.call import Call
from podium.store.session import Transaction

NAME = re.compile(r"(?!aws|ecs|fargate)[a-z0-9_-]{1,255}", re.IGNORECASE)
INVALID_NAME = (
    "The specified capacity provider name is invalid. Up to 255 characters are allowed, including letters "
    "(upper and lowercase), numbers, underscores, and hyphens. The name cannot be prefixed with "
    '"aws", "ecs", or "fargate". Specify a valid name and try again.'
)
NOT_FOUND = "The specified capacity provider was not found. Specify a valid capacity provider and try again."
FARGATE = ("FARGATE", "FARGATE_SPOT")
SCALING = {
    "status": "DISABLED",
    "targetCapacity": 100,
    "minimumScalingStepSize": 1,
    "maximumScalingStepSize": 10000,
    "instanceWarmupPeriod": 300,
}
GROUP = {"managedTerminationProtection": "DISABLED", "managedDraining": "ENABLED"}
LEAST_STORAGE_GIB, MOST_STORAGE_GIB, STORAGE_GIB = 30, 16384, 80
LONGEST_SCALE_IN_AFTER = 3600


def checked_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise Client(INVALID_NAME)
    return name


def group(given: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The Auto Scaling group provider as stored: what is given over what was, and the defaults below. Raises Client."""
    scaling = {**SCALING, **((before or {}).get("managedScaling") or {}), **(given.get("managedScaling") or {})}
    made = {**GROUP, **(before or {}), **given, "managedScaling": scaling}
    if scaling["minimumScalingStepSize"] > scaling["maximumScalingStepSize"]:
        raise Client(
            "The minimum or maximum scaling step size value is invalid. Specify a minimum scaling step size value "
            "that is less than or equal to the maximum scaling step size value and try again."
        )
    if made["managedTerminationProtection"] == "ENABLED" and scaling["status"] != "ENABLED":
        raise Client(
            "The managed termination protection setting for the capacity provider is invalid. To enable managed "
            "termination protection for a capacity provider, managed scaling must be enabled."
        )
    return made


def managed_instances(given: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The Managed Instances provider as stored, with its defaults. Raises InvalidParameter."""
    before = before or {}
    template = {**(before.get("instanceLaunchTemplate") or {}), **given["instanceLaunchTemplate"]}
    template.setdefault("storageConfiguration", {"storageSizeGiB": STORAGE_GIB})
    template.setdefault("monitoring", "BASIC")
    template.setdefault("capacityOptionType", "ON_DEMAND")
    _check_template(template)
    after = (given.get("infrastructureOptimization") or {}).get("scaleInAfter")
    if after is not None and not -1 <= after <= LONGEST_SCALE_IN_AFTER:
        raise InvalidParameter(f"scaleInAfter must be between -1 and {LONGEST_SCALE_IN_AFTER}")
    return {"propagateTags": "NONE", **before, **given, "instanceLaunchTemplate": template}


def _check_template(template: Mapping[str, Any]) -> None:
    if not (template.get("networkConfiguration") or {}).get("subnets"):
        raise InvalidParameter("subnets can not be empty.")
    size = template["storageConfiguration"].get("storageSizeGiB", STORAGE_GIB)
    if not LEAST_STORAGE_GIB <= size <= MOST_STORAGE_GIB:
        raise InvalidParameter(f"storageSizeGiB must be between {LEAST_STORAGE_GIB} and {MOST_STORAGE_GIB}")
    requirements = template.get("instanceRequirements") or {}
    if requirements.get("allowedInstanceTypes") and requirements.get("excludedInstanceTypes"):
        raise InvalidParameter("allowedInstanceTypes and excludedInstanceTypes cannot both be specified.")
    for name, value in requirements.items():
        if isinstance(value, Mapping) and value.get("max") is not None and value.get("min", 0) > value["max"]:
            raise InvalidParameter(f"{name}: min must be less than or equal to max")


def arn(call: Call, name_or_arn: str) -> str:
    return name_or_arn if name_or_arn.startswith("arn:") else names.provider_arn(call.home, name_or_arn)


def find(call: Call, tx: Transaction, name_or_arn: str) -> CapacityProvider | None:
    """A provider of this account by name or ARN, FARGATE and FARGATE_SPOT among them; deleted ones too."""
    wanted = arn(call, name_or_arn)
    for provider in built_in(call):
        if provider.arn == wanted:
            return provider
    found = tx.get(CapacityProvider, wanted)
    return found if found is not None and found.home == call.home else None


def built_in(call: Call) -> list[CapacityProvider]:
    return [
        CapacityProvider(
            arn=arn(call, name),
            home=call.home,
            name=name,
            kind=ProviderKind(name),
            created_at=datetime(2019, 12, 3, tzinfo=UTC),
        )
        for name in FARGATE
    ]


def usable(call: Call, tx: Transaction, cluster_arn: str, name: str) -> CapacityProvider:
    """One that the cluster may be associated with. Raises InvalidParameter."""
    found = find(call, tx, name)
    if found is None or found.status == "INACTIVE" or found.cluster_arn not in (None, cluster_arn):
        raise InvalidParameter(NOT_FOUND)
    return found


def of_instance(tx: Transaction, instance: ContainerInstance) -> str | None:
    """The name of the capacity provider that the instance came from, if its cluster uses one for its group."""
    group_name = instance.group_name
    cluster = tx.get(Cluster, instance.cluster_arn)
    if not group_name or cluster is None:
        return None
    providers = tx.list(CapacityProvider, home=instance.home)
    fitting = (p.name for p in providers if p.name in cluster.capacity_providers and p.group_name == group_name)
    return next(fitting, None)
