"""What container agents call: joining a cluster, finding the channels, reporting what became of tasks.

Source: the open-source agent's requests; see docs/design/0002-agent-protocol.md.
"""

from typing import Any

from podium.ecs import bounds, limits, losses, names
from podium.ecs.errors import Client, ClusterNotFound, InvalidParameter
from podium.ecs.records import Cluster, ContainerInstance, InstanceStatus, Stranger, Task
from podium.ecs.records.clusters import FARGATE_POOL, POOLED
from podium.ecs.rules import registrations, reports, tags
from podium.ecs.service import ecs
from podium.ecs.views import instances as views
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

ACKNOWLEDGED = {"acknowledgment": "ACK"}


@ecs.operation
def register_container_instance(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """A new instance, or the one whose ARN the agent remembers.

    An ARN of this account that is not on record belongs to a database that was emptied or restored:
    it is taken up as it is, with its cluster, so that what runs there is not lost sight of.
    """
    remembered = request.get("containerInstanceArn")
    cluster = _joined_cluster(call, tx, request)
    before = tx.get(ContainerInstance, remembered) if remembered else _registered_already(call, tx, cluster, request)
    if before is not None:
        _may_come_back(call, before, cluster, request)
    if before is not None and remembered:
        registrations.same_type(before, request)
    arn = (
        before.arn if before else remembered or call.arn("ecs", f"container-instance/{cluster.name}/{call.ids.hex32()}")
    )
    if not arn.startswith(call.arn("ecs", f"container-instance/{cluster.name}/")):
        raise Client(f"Container instance {remembered} does not belong to cluster {cluster.name}.")
    if before is None or before.status is InstanceStatus.INACTIVE:
        limits.one_more_instance(call, tx, cluster)
    described = before or _unregistered(call, cluster, arn, request)
    instance = registrations.registered(described, request, call.region, call.now)
    if before is not None:
        instance = replace(instance, version=before.version + 1)
    return {"containerInstance": views.instance(tx, tx.put(instance), ("TAGS",))}


def _registered_already(
    call: Call, tx: Transaction, cluster: Cluster, request: dict[str, Any]
) -> ContainerInstance | None:
    there = tx.list(ContainerInstance, cluster_arn=cluster.arn)
    return registrations.same_one(there, request, registrations.registrar(call.principal), call.now)


def _unregistered(call: Call, cluster: Cluster, arn: str, request: dict[str, Any]) -> ContainerInstance:
    return ContainerInstance(
        arn=arn,
        home=call.home,
        cluster_arn=cluster.arn,
        ec2_instance_id=registrations.host_id(arn, request, call.principal),
        cpu=0,
        memory_mib=0,
        registered_by=registrations.registrar(call.principal),
        tags=tags.parsed(request.get("tags")),
        registered_at=call.now,
    )


def _may_come_back(call: Call, before: ContainerInstance, cluster: Cluster, request: dict[str, Any]) -> None:
    """An agent that is told no registers anew, as another instance."""
    if before.cluster_arn != cluster.arn:
        raise Client(f"Container instance {before.arn} is registered in another cluster.")
    if before.revoked_at is not None:
        raise Client(f"The credential of container instance {before.arn} was revoked.")
    if not bounds.may_come_back(before, call.principal, registrations.claim(request)):
        raise Client(f"Container instance {before.arn} belongs to another agent.")


def _joined_cluster(call: Call, tx: Transaction, request: dict[str, Any]) -> Cluster:
    arn = names.cluster_arn(call, request.get("cluster"))
    cluster = tx.get(Cluster, arn)
    if names.cluster_name(arn) == FARGATE_POOL:
        return cluster or tx.put(_pool(call, arn))
    if cluster is None and request.get("containerInstanceArn"):
        cluster = tx.put(Cluster(arn=arn, home=call.home, name=names.cluster_name(arn), created_at=call.now))
    if cluster is None or cluster.status != "ACTIVE":
        raise ClusterNotFound
    return cluster


def _pool(call: Call, arn: str) -> Cluster:
    return Cluster(arn=arn, home=call.home, name=FARGATE_POOL, status=POOLED, created_at=call.now)


@ecs.operation(reads=True)
def discover_poll_endpoint(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The agent appends `/ws`. Both channels live at the address by which the agent came."""
    return {"endpoint": f"{call.endpoint}/acs/", "telemetryEndpoint": f"{call.endpoint}/tcs/"}


@ecs.operation
def submit_task_state_change(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    arn = request.get("task", "")
    task, stranger = tx.get(Task, arn), tx.get(Stranger, arn)
    if task is None or stranger is not None:
        _heard_of_stranger(call, tx, arn, request.get("status"))
    if task is not None:
        tx.put(reports.merged(task, request, call.now) if stranger is None else reports.late(task, request))
    return ACKNOWLEDGED


@ecs.operation
def submit_container_state_change(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    task = tx.get(Task, request.get("task", ""))
    if task is not None and tx.get(Stranger, task.arn) is not None:
        tx.put(reports.late(task, {"containers": [request]}))
    elif task is not None:
        tx.put(reports.container_merged(task, request, call.now))
    return ACKNOWLEDGED


@ecs.operation
def submit_attachment_state_changes(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return ACKNOWLEDGED


def _heard_of_stranger(call: Call, tx: Transaction, arn: str, status: str | None) -> None:
    """A task of this account that is not on record: remembered while it runs, forgotten when it ends."""
    if not arn.startswith(call.arn("ecs", "task/")):
        raise InvalidParameter("The referenced task was not found.")
    known = tx.get(Stranger, arn)
    if status == "STOPPED" and known is not None:
        losses.forget(tx, known)
