"""Short names, ids and ARNs: what a caller may write, and which record is meant.

Source: Amazon ECS Developer Guide, "Amazon Resource Names (ARNs) and IDs".
"""

import re
from typing import TypeVar

from podium.ecs.errors import Client, ClusterNotFound, InvalidParameter
from podium.ecs.records import Cluster, ContainerInstance, Service, Task, TaskDefinition, TaskDefinitionStatus
from podium.ecs.records.clusters import FARGATE_POOL
from podium.kernel.call import Call
from podium.store.session import Transaction

M = TypeVar("M", ContainerInstance, Service, Task)
NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
REVISION = re.compile(r"[0-9]{1,10}")


def checked_name(what: str, name: str) -> str:
    """`name`, if it is one. `what` is the noun in AWS's sentence: ClusterName, ServiceName, Cluster."""
    if not NAME.fullmatch(name):
        shown = name.encode("ascii", "replace").decode()
        raise InvalidParameter(rf"{what} must match ^[a-zA-Z0-9\-_]{{1,255}}$, but was {shown}")
    return name


def cluster_arn(call: Call, name_or_arn: str | None) -> str:
    """The ARN of the cluster that a caller means; the one named `default` when nothing is said."""
    value = name_or_arn or "default"
    if value.startswith("arn:"):
        return arn_of_type(value, "cluster")
    if value == FARGATE_POOL:
        return call.arn("ecs", f"cluster/{value}")
    return call.arn("ecs", f"cluster/{checked_name('Cluster', value)}")


def cluster(call: Call, tx: Transaction, name_or_arn: str | None) -> Cluster:
    """Raises ClusterNotFound for a name never created, a deleted one, and one of another account."""
    found = tx.get(Cluster, cluster_arn(call, name_or_arn))
    if found is None or found.status != "ACTIVE" or found.home != call.home:
        raise ClusterNotFound
    return found


def cluster_name(arn: str) -> str:
    return arn.rpartition("/")[2]


def service_name(arn: str) -> str:
    return arn.rpartition("/")[2]


def service_arn(call: Call, within: Cluster, name_or_arn: str) -> str:
    return member_arn(call, within, "service", name_or_arn)


def task_arn(call: Call, within: Cluster, id_or_arn: str) -> str:
    value = id_or_arn
    if not value.startswith("arn:") and len(value) not in (32, 36):
        raise InvalidParameter("task length should be one of [32,36]")
    return member_arn(call, within, "task", value)


def instance_arn(call: Call, within: Cluster, id_or_arn: str) -> str:
    return member_arn(call, within, "container-instance", id_or_arn)


def member_arn(call: Call, within: Cluster, kind: str, value: str) -> str:
    """The ARN of a service, task or instance of the cluster `within`, from a name, an id or an ARN old or new."""
    if not value.startswith("arn:"):
        return call.arn("ecs", f"{kind}/{within.name}/{value}")
    resource = arn_of_type(value, kind).split(":", 5)[5].split("/")
    if len(resource) == 2:
        return call.arn("ecs", f"{kind}/{within.name}/{resource[1]}")
    if resource[1] != within.name:
        raise InvalidParameter(
            f"Invalid identifier: Identifier is for cluster {resource[1]}. Your cluster is {within.name}"
        )
    return value


def task_definition(call: Call, tx: Transaction, value: str) -> TaskDefinition | None:
    """The revision that `family`, `family:revision` or an ARN means: without a revision, the newest ACTIVE one."""
    family, _, revision = family_and_revision(value)
    if revision:
        if not REVISION.fullmatch(revision):
            raise Client(f"Invalid revision number. Number: {revision}")
        return tx.get(TaskDefinition, call.arn("ecs", f"task-definition/{family}:{int(revision)}"))
    revisions = tx.list(TaskDefinition, family_arn=family_arn(call, family))
    active = [d for d in revisions if d.status is TaskDefinitionStatus.ACTIVE]
    return max(active, key=lambda d: d.revision, default=None)


def family_and_revision(value: str, kind: str = "task-definition") -> tuple[str, str, str]:
    """`family:revision` of either form, cut at the colon. `kind` is what an ARN must be of."""
    if value.startswith("arn:"):
        value = arn_of_type(value, kind).rpartition("/")[2]
    if not value:
        raise Client("Family should not be null or empty.")
    family, colon, revision = value.partition(":")
    if not NAME.fullmatch(family):
        raise Client("Family contains invalid characters.")
    return family, colon, revision


def family_arn(call: Call, family: str) -> str:
    return call.arn("ecs", f"task-definition-family/{family}")


def task_id(arn: str) -> str:
    return arn.rpartition("/")[2]


def find_instance(call: Call, tx: Transaction, within: Cluster, value: str) -> ContainerInstance | None:
    return _within(within, tx.get(ContainerInstance, instance_arn(call, within, value)))


def find_service(call: Call, tx: Transaction, within: Cluster, value: str) -> Service | None:
    return _within(within, tx.get(Service, service_arn(call, within, value)))


def find_task(call: Call, tx: Transaction, within: Cluster, value: str) -> Task | None:
    return _within(within, tx.get(Task, task_arn(call, within, value)))


def _within(cluster: Cluster, found: M | None) -> M | None:
    """Nothing, when it is of a cluster of the same name in another region or account."""
    return found if found is not None and found.cluster_arn == cluster.arn else None


def arn_of_type(arn: str, kind: str) -> str:
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "ecs":
        raise InvalidParameter(f"Invalid identifier: {arn}")
    found = parts[5].partition("/")[0]
    if found != kind:
        raise InvalidParameter(f"Unsupported resource type: {found}")
    return arn


def cluster_of_instance(instance_arn: str) -> str:
    """The ARN of the cluster that a container instance's ARN names."""
    return instance_arn.rpartition("/")[0].replace(":container-instance/", ":cluster/", 1)


def cluster_of_task(task_arn: str) -> str:
    return task_arn.rpartition("/")[0].replace(":task/", ":cluster/", 1)


def provider_arn(home: str, name: str) -> str:
    """A capacity provider's. `home` is partition, region and account."""
    partition, region, account = home.split(":")
    return f"arn:{partition}:ecs:{region}:{account}:capacity-provider/{name}"
