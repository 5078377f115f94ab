"""Container instances: looking at them, draining them, sending them away."""

from typing import Any

from podium.ecs import lifecycle, losses, names, query
from podium.ecs.errors import InvalidParameter, MissingVersion, NoUpdateAvailable
from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import Cluster, ContainerInstance, InstanceStatus, StopCode, Task
from podium.ecs.rules import choices, pages
from podium.ecs.scheduling import placement
from podium.ecs.service import ecs
from podium.ecs.views import instances as views
from podium.ecs.views.shown import failure
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST_DESCRIBED, MOST_UPDATED = 100, 10
EXTERNAL = "ecs.capability.external"
STATUSES = ("ACTIVE", "DRAINING", "REGISTERING", "DEREGISTERING", "REGISTRATION_FAILED")
FORCED = "Container instance deregistration forced by user"


@ecs.operation(reads=True)
def describe_container_instances(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    cluster = names.cluster(call, tx, request.get("cluster"))
    include = choices.checked("include", request.get("include", ()), ("TAGS", "CONTAINER_INSTANCE_HEALTH"))
    asked = request["containerInstances"]
    if not asked:
        raise InvalidParameter("Container instance cannot be empty.")
    if len(asked) > MOST_DESCRIBED:
        raise InvalidParameter(f"instanceIds can have at most {MOST_DESCRIBED} items.")
    found, failures = [], []
    for value in asked:
        instance = names.find_instance(call, tx, cluster, value)
        if instance is None:
            failures.append(failure(names.instance_arn(call, cluster, value)))
        else:
            found.append(views.instance(tx, instance, include))
    return {"containerInstances": found, "failures": failures}


@ecs.operation(reads=True)
def list_container_instances(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    cluster = names.cluster(call, tx, request.get("cluster"))
    status = request.get("status")
    if status is not None:
        choices.one_of("status", status, STATUSES)
    instances = tx.list(ContainerInstance, cluster_arn=cluster.arn)
    if request.get("filter"):
        wanted = query.parsed(request["filter"])
        rooms = placement.rooms(instances, tx.totals(Task, "container_instance_arn"))
        instances = [room.instance for room in rooms if query.holds(wanted, room.facts)]
    there = [i for i in instances if i.status is not InstanceStatus.INACTIVE]
    found = [i.arn for i in there if status in (None, i.status.value)]
    rows, token = pages.page(found, request, key=lambda arn: arn)
    return {"containerInstanceArns": rows, "nextToken": token}


@ecs.operation
def update_container_instances_state(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """DRAINING instances get no new tasks; their services replace what runs there, as their percentages allow."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    if request["status"] not in ("ACTIVE", "DRAINING"):
        raise InvalidParameter("Container instance status should be one of [ACTIVE, DRAINING]")
    if not 1 <= len(request["containerInstances"]) <= MOST_UPDATED:
        raise InvalidParameter(f"instanceIds can have at most {MOST_UPDATED} items.")
    found, failures = [], []
    for value in request["containerInstances"]:
        instance = names.find_instance(call, tx, cluster, value)
        if instance is None:
            failures.append(failure(names.instance_arn(call, cluster, value)))
        elif instance.status is InstanceStatus.INACTIVE:
            failures.append(failure(instance.arn, "INACTIVE"))
        else:
            status = InstanceStatus(request["status"])
            instance = tx.put(replace(instance, status=status, version=instance.version + 1))
            found.append(views.instance(tx, instance))
    return {"containerInstances": found, "failures": failures}


@ecs.operation
def deregister_container_instance(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """With force, its tasks count as STOPPED at once; their containers run on as orphans, until the agent is back and
    is told to stop them, however long that takes.
    """
    cluster = names.cluster(call, tx, request.get("cluster"))
    instance = _known(call, tx, cluster, request["containerInstance"])
    held = [t for t in tx.list(Task, container_instance_arn=instance.arn) if t.last_status in HOLDING]
    if held and not request.get("force"):
        raise InvalidParameter("Found running tasks on the instance.")
    for task in held:
        task = lifecycle.asked_to_stop(task, StopCode.SERVICE_SCHEDULER_INITIATED, FORCED, call.now)
        tx.put(lifecycle.ended(lifecycle.leaving(task, call.now), call.now))
    losses.is_off(tx, instance, call.now)
    for task in held:
        tx.put(losses.orphan(task, instance, call.now))
    instance = replace(
        instance, status=InstanceStatus.INACTIVE, agent_connected=False, lost_at=None, version=instance.version + 1
    )
    return {"containerInstance": views.instance(tx, tx.put(instance), ("TAGS",))}


@ecs.operation
def update_container_agent(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Never updates: Podium's agent comes with Podium, and is updated with it. The error says so in AWS's words."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    instance = _known(call, tx, cluster, request["containerInstance"])
    if EXTERNAL in instance.attributes:
        raise InvalidParameter("The container agent cannot be updated on external instances.")
    if not instance.agent_version:
        raise MissingVersion(
            "Amazon ECS can't determine the current version of the Amazon ECS container agent on the container "
            "instance and doesn't have enough information to proceed with an update."
        )
    raise NoUpdateAvailable("There's no update available for this Amazon ECS container agent.")


def _known(call: Call, tx: Transaction, cluster: Cluster, value: str) -> ContainerInstance:
    instance = names.find_instance(call, tx, cluster, value)
    if instance is None or instance.status is InstanceStatus.INACTIVE:
        raise InvalidParameter("Referenced container instance not found.")
    return instance
