"""How much of everything an account may have. AWS calls most of these service quotas, and raises them when asked.

Source: Amazon ECS Developer Guide, "Amazon ECS service quotas". What a request itself may hold, ten containers say or
ten tasks at once, is not here: it is the same for everybody.
"""

from collections.abc import Mapping
from types import MappingProxyType

from podium.ecs.errors import Client, LimitExceeded
from podium.ecs.records import Cluster, ContainerInstance, Service
from podium.kernel.call import Call
from podium.store.session import Transaction

CLUSTERS, INSTANCES, SERVICES = "clusters", "container-instances", "services"
TASKS, PROVISIONING, REVISIONS = "tasks", "provisioning-tasks", "revisions"
CAPACITY_PROVIDERS = "capacity-providers"

AWS: Mapping[str, int] = MappingProxyType(
    {
        CLUSTERS: 10_000,  # of a region
        INSTANCES: 5_000,  # of a cluster
        SERVICES: 5_000,  # of a cluster
        TASKS: 5_000,  # that a service may desire
        PROVISIONING: 500,  # of a cluster
        REVISIONS: 1_000_000,  # of a family
        CAPACITY_PROVIDERS: 20,  # of a cluster
    }
)
UNLIMITED = 2**31 - 1


class Unreadable(ValueError):
    """What was given as limits is none."""


def parsed(text: str) -> dict[str, int]:
    """`aws`, `none`, or `NAME=VALUE,…` for those that differ from AWS's. Raises Unreadable with a sentence."""
    if text in ("aws", ""):
        return dict(AWS)
    if text == "none":
        return dict.fromkeys(AWS, UNLIMITED)
    changed = dict(_pair(part) for part in text.split(","))
    return {**AWS, **changed}


def _pair(part: str) -> tuple[str, int]:
    name, _, value = (word.strip() for word in part.partition("="))
    if name not in AWS or not (value.isascii() and value.isdigit()) or int(value) > UNLIMITED:
        raise Unreadable(f"{part!r} is no limit: NAME=VALUE with a NAME of {', '.join(AWS)}; or `aws`, or `none`.")
    return name, int(value)


def of(call: Call, name: str) -> int:
    return call.limits.get(name, AWS[name])


def one_more_cluster(call: Call, tx: Transaction) -> None:
    """Raises Client when the region has as many as it may."""
    if tx.totals(Cluster, "home")(call.home).number >= of(call, CLUSTERS):
        raise Client("The maximum number of clusters has been exceeded.")


def one_more_instance(call: Call, tx: Transaction, cluster: Cluster) -> None:
    if tx.totals(ContainerInstance, "cluster_arn")(cluster.arn).number >= of(call, INSTANCES):
        raise Client("The maximum number of container instances per cluster has been exceeded.")


def one_more_service(call: Call, tx: Transaction, cluster: Cluster) -> None:
    if tx.totals(Service, "cluster_arn")(cluster.arn).number >= of(call, SERVICES):
        raise Client("The maximum number of services per cluster has been exceeded.")


def one_more_revision(call: Call, revisions: int) -> None:
    """`revisions` counts those that were ever made: none is used twice."""
    if revisions >= of(call, REVISIONS):
        raise LimitExceeded("The maximum number of revisions per task definition family has been exceeded.")
