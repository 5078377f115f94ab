"""Container instances: looking at them, draining them, sending them away."""

from dataclasses import replace
from typing import Any

from podium.ecs import lifecycle, names
from podium.ecs.errors import Client, InvalidParameter
from podium.ecs.lifecycle import HOLDING
from podium.ecs.records import Cluster, ContainerInstance, InstanceStatus, StopCode, Task
from podium.ecs.rules import choices, pages, requests
from podium.ecs.service import ecs
from podium.ecs.views import instances as views
from podium.ecs.views.shown import failure
from podium.kernel.call import Call
from podium.store.session import Transaction

MOST_DESCRIBED, MOST_UPDATED, MOST_ATTRIBUTES = 100, 10, 10
STATUSES = ("ACTIVE", "DRAINING", "REGISTERING", "DEREGISTERING", "REGISTRATION_FAILED")
FORCED = "Container instance deregistration forced by user"


@ecs.operation(reads=True)
def describe_container_instances(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    cluster = names.cluster(call, tx, request.get("cluster"))
    include = choices.checked("include", request.get("include", ()), ("TAGS", "CONTAINER_INSTANCE_HEALTH"))
    asked = request["containerInstances"]
    if not asked:
        raise Client("Container Instances cannot be empty.")
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
    requests.not_yet(request, {"filter": "the cluster query language"})
    status = request.get("status")
    if status is not None:
        choices.one_of("status", status, STATUSES)
    found = [
        i.arn
        for i in tx.list(ContainerInstance, cluster_arn=cluster.arn)
        if i.status is not InstanceStatus.INACTIVE and (status is None or i.status.value == status)
    ]
    rows, token = pages.page(sorted(found), request, key=lambda arn: arn)
    return {"containerInstanceArns": rows, "nextToken": token}


@ecs.operation
def update_container_instances_state(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """DRAINING instances get no new tasks. Their service tasks stay until something else stops them."""
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
    """With force, its tasks count as STOPPED at once; their containers run on as orphans."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    instance = _known(call, tx, cluster, request["containerInstance"])
    held = [t for t in tx.list(Task, container_instance_arn=instance.arn) if t.last_status in HOLDING]
    if held and not request.get("force"):
        raise InvalidParameter("Found running tasks on the instance.")
    for task in held:
        task = lifecycle.asked_to_stop(task, StopCode.SERVICE_SCHEDULER_INITIATED, FORCED, call.now)
        tx.put(lifecycle.ended(task, call.now))
    instance = replace(instance, status=InstanceStatus.INACTIVE, agent_connected=False, version=instance.version + 1)
    return {"containerInstance": views.instance(tx, tx.put(instance), ("TAGS",))}


@ecs.operation
def put_attributes(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Custom attributes, at most ten an instance; the agent's own are not for the taking."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    for attribute in request["attributes"]:
        instance = _target(call, tx, cluster, attribute)
        kept = {**instance.custom_attributes, attribute["name"]: attribute.get("value")}
        if len(kept) > MOST_ATTRIBUTES:
            raise InvalidParameter(f"A container instance can have at most {MOST_ATTRIBUTES} custom attributes.")
        tx.put(replace(instance, custom_attributes=kept, version=instance.version + 1))
    return {"attributes": request["attributes"]}


@ecs.operation
def delete_attributes(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The answer shows the values that the attributes had."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    gone = []
    for attribute in request["attributes"]:
        instance = _target(call, tx, cluster, attribute)
        kept = dict(instance.custom_attributes)
        value = kept.pop(attribute["name"], None)
        tx.put(replace(instance, custom_attributes=kept, version=instance.version + 1))
        gone.append(attribute if value is None else {**attribute, "value": value})
    return {"attributes": gone}


def _target(call: Call, tx: Transaction, cluster: Cluster, attribute: dict[str, Any]) -> ContainerInstance:
    return _known(call, tx, cluster, attribute.get("targetId", ""))


def _known(call: Call, tx: Transaction, cluster: Cluster, value: str) -> ContainerInstance:
    instance = names.find_instance(call, tx, cluster, value)
    if instance is None or instance.status is InstanceStatus.INACTIVE:
        raise InvalidParameter("Referenced container instance not found.")
    return instance
