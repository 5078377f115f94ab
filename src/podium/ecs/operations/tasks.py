"""Tasks: one-off runs, and looking at and stopping any task."""

from dataclasses import replace
from typing import Any

from podium.ecs import lifecycle, names
from podium.ecs.errors import Conflict, InvalidParameter, ServiceNotFound
from podium.ecs.records import (
    Cluster,
    ContainerInstance,
    InstanceStatus,
    StopCode,
    Stranger,
    Task,
    TaskDefinition,
    TaskStatus,
)
from podium.ecs.records.services import fingerprint
from podium.ecs.rules import choices, pages, requests, tags
from podium.ecs.scheduling import launching, placement
from podium.ecs.service import ecs
from podium.ecs.views import tasks as views
from podium.ecs.views.shown import failure
from podium.kernel.call import Call
from podium.store.session import Transaction

MOST_DESCRIBED, MOST_RUN, MOST_STARTED = 100, 10, 10
LATER = {
    "enableExecuteCommand": "a shell in the container",
    "volumeConfigurations": "volumes made at launch",
}


@ecs.operation
def run_task(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Places as many of `count` as fit; the rest are failures, one for each instance considered."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    if (replayed := _replayed(tx, cluster, request)) is not None:
        return {"tasks": [views.task(tx, t, ("TAGS",)) for t in replayed], "failures": []}
    count = request.get("count", 1)
    if not 1 <= count <= MOST_RUN:
        raise InvalidParameter(f"count must be between 1 and {MOST_RUN}")
    launch = _launch(call, tx, cluster, request)
    strategy = requests.placement_strategy(request.get("placementStrategy"))
    instances = _active_instances(tx, cluster)
    if not instances:
        raise InvalidParameter("No Container Instances were found in your cluster.")
    rooms = placement.rooms(instances, tx.list(Task, cluster_arn=cluster.arn))
    placed = placement.place(launching.requirements(launch), count, rooms, strategy, call.ids.below)
    tasks = [tx.put(launching.task(launch, room, call.ids, call.now)) for room in placed.rooms]
    return {
        "tasks": [views.task(tx, t, ("TAGS",)) for t in tasks],
        "failures": [failure(m.instance_arn, m.reason) for m in placed.misses],
    }


@ecs.operation
def start_task(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """One task on each instance named, if it has room. Nothing is scheduled."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    asked = request["containerInstances"]
    if not 1 <= len(asked) <= MOST_STARTED:
        raise InvalidParameter(f"Container instances must have between 1 and {MOST_STARTED} items.")
    launch = _launch(call, tx, cluster, request)
    tasks, failures = [], []
    for value in asked:
        instance = names.find_instance(call, tx, cluster, value)
        if instance is None:
            failures.append(failure(names.instance_arn(call, cluster, value)))
            continue
        rooms = placement.rooms([instance], tx.list(Task, container_instance_arn=instance.arn))
        reason = placement.unfit(launching.requirements(launch), rooms[0]) if rooms else "INACTIVE"
        if reason:
            failures.append(failure(instance.arn, reason))
        else:
            tasks.append(tx.put(launching.task(launch, rooms[0], call.ids, call.now)))
    return {"tasks": [views.task(tx, t, ("TAGS",)) for t in tasks], "failures": failures}


@ecs.operation
def stop_task(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Asks the task to stop; the answer still shows where it stands. A task that stopped is shown again.

    Its tags are deleted. Source: Amazon ECS API Reference, StopTask.
    """
    cluster = names.cluster(call, tx, request.get("cluster"))
    task = names.find_task(call, tx, cluster, request["task"])
    if task is None:
        return {"task": _stop_stranger(call, tx, cluster, request["task"])}
    reason = request.get("reason") or "Task stopped by user"
    if task.last_status is not TaskStatus.STOPPED:
        task = lifecycle.asked_to_stop(task, StopCode.USER_INITIATED, reason, call.now)
        task = tx.put(replace(task, tags={}))
    return {"task": views.task(tx, task, ("TAGS",))}


@ecs.operation(reads=True)
def describe_tasks(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    cluster = names.cluster(call, tx, request.get("cluster"))
    include = choices.checked("include", request.get("include", ()), ("TAGS",))
    asked = request["tasks"]
    if not asked:
        raise InvalidParameter("Tasks cannot be empty.")
    if len(asked) > MOST_DESCRIBED:
        raise InvalidParameter(f"taskIds can have at most {MOST_DESCRIBED} items.")
    found, failures = [], []
    for value in asked:
        arn = names.task_arn(call, cluster, value)
        task = tx.get(Task, arn)
        if task is None or task.cluster_arn != cluster.arn:
            failures.append(failure(arn))
        else:
            found.append(views.task(tx, task, include))
    return {"tasks": found, "failures": failures}


@ecs.operation(reads=True)
def list_tasks(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Filters by desired status, RUNNING unless said otherwise; every filter given must hold.

    `startedBy` goes with `desiredStatus` alone, which is how Airflow asks.
    """
    cluster = names.cluster(call, tx, request.get("cluster"))
    requests.not_yet(request, {"daemonName": "daemons"})
    others = {"containerInstance", "family", "serviceName", "launchType"} & set(request)
    if "startedBy" in request and others:
        raise InvalidParameter("cannot specify startedBy with other arguments")
    where: dict[str, Any] = {"cluster_arn": cluster.arn}
    if "serviceName" in request:
        service = names.find_service(call, tx, cluster, request["serviceName"])
        if service is None:
            raise ServiceNotFound
        where["service_arn"] = service.arn
    if "containerInstance" in request:
        where["container_instance_arn"] = names.instance_arn(call, cluster, request["containerInstance"])
    if "startedBy" in request:
        where["started_by"] = request["startedBy"]
    if "launchType" in request:
        where["launch_type"] = choices.one_of("launchType", request["launchType"], requests.LAUNCH_TYPES)
    desired = choices.one_of(
        "desiredStatus", request.get("desiredStatus", "RUNNING"), ("RUNNING", "PENDING", "STOPPED")
    )
    found = [t for t in tx.list(Task, **where) if t.desired_status.value == desired]
    if "family" in request:
        found = [t for t in found if names.family_and_revision(t.task_definition_arn)[0] == request["family"]]
    rows, token = pages.page(sorted(t.arn for t in found), request, key=lambda arn: arn)
    return {"taskArns": rows, "nextToken": token}


def _launch(call: Call, tx: Transaction, cluster: Cluster, request: dict[str, Any]) -> launching.Launch:
    definition = requests.usable_definition(call, tx, request["taskDefinition"])
    kind = requests.launch_type(request, definition)
    requests.network(request, definition)
    requests.not_yet(request, LATER)
    constraints = requests.placement_constraints(request.get("placementConstraints"), definition)
    given = tags.parsed(request.get("tags"))
    managed = launching.managed_tags(request.get("enableECSManagedTags", False), cluster.name, None)
    return launching.Launch(
        cluster_arn=cluster.arn,
        definition=definition,
        group=request.get("group") or f"family:{definition.family}",
        launch_type=kind,
        started_by=request.get("startedBy"),
        overrides=requests.overrides(request.get("overrides"), definition),
        tags={**_propagated(request, definition), **given, **managed},
        distinct=any(c["type"] == "distinctInstance" for c in constraints),
        client_token=request.get("clientToken"),
        client_request=fingerprint(request) if request.get("clientToken") else None,
        reference_id=request.get("referenceId"),
    )


def _propagated(request: dict[str, Any], definition: TaskDefinition) -> dict[str, str]:
    source = choices.one_of("propagateTags", request.get("propagateTags", "NONE"), ("TASK_DEFINITION", "NONE"))
    return definition.tags if source == "TASK_DEFINITION" else {}


def _replayed(tx: Transaction, cluster: Cluster, request: dict[str, Any]) -> list[Task] | None:
    """The tasks that the same client token started before. Raises Conflict when it asked for something else."""
    token = request.get("clientToken")
    if not token:
        return None
    before = [t for t in tx.list(Task, cluster_arn=cluster.arn) if t.client_token == token]
    if before and before[0].client_request != fingerprint(request):
        raise Conflict(
            "The clientToken was used before with different parameters.", resourceIds=[t.arn for t in before]
        )
    return before or None


def _active_instances(tx: Transaction, cluster: Cluster) -> list[ContainerInstance]:
    everyone = tx.list(ContainerInstance, cluster_arn=cluster.arn)
    return [i for i in everyone if i.status is not InstanceStatus.INACTIVE]


def _stop_stranger(call: Call, tx: Transaction, cluster: Cluster, value: str) -> dict[str, Any]:
    """A task that only an agent knows of: telling Podium to stop it is what it waits for."""
    stranger = tx.get(Stranger, names.task_arn(call, cluster, value))
    if stranger is None:
        raise InvalidParameter("The referenced task was not found.")
    tx.put(replace(stranger, stop_asked=True))
    return {
        "taskArn": stranger.arn,
        "clusterArn": stranger.cluster_arn,
        "containerInstanceArn": stranger.container_instance_arn,
        "desiredStatus": "STOPPED",
        "lastStatus": "RUNNING",
    }
