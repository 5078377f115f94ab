"""Tasks: looking at them, listing them, stopping them."""

from collections.abc import Iterator
from typing import Any

from podium.ecs import lifecycle, names
from podium.ecs.errors import InvalidParameter, ServiceNotFound
from podium.ecs.records import Cluster, StopCode, Stranger, Task, TaskStatus
from podium.ecs.rules import capacity, choices, pages
from podium.ecs.service import ecs
from podium.ecs.views import tasks as views
from podium.ecs.views.shown import failure
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST_DESCRIBED = 100


@ecs.operation
def stop_task(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Asks the task to stop; the answer still shows where it stands. A task that stopped is shown again.

    Its tags are deleted. Source: Amazon ECS API Reference, StopTask.
    """
    cluster = names.cluster(call, tx, request.get("cluster"))
    task = names.find_task(call, tx, cluster, request["task"])
    if task is None:
        return {"task": _stop_stranger(call, tx, cluster, request["task"])}
    if task.last_status is TaskStatus.STOPPED:
        _stop_left_behind(tx, task)
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
    others = {"containerInstance", "family", "serviceName", "launchType", "daemonName"} & set(request)
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
    if "daemonName" in request:
        where["group"] = f"daemon:{request['daemonName'].rpartition('/')[2]}"
    if "launchType" in request:
        where["launch_type"] = choices.one_of("launchType", request["launchType"], capacity.LAUNCH_TYPES)
    desired = choices.one_of(
        "desiredStatus", request.get("desiredStatus", "RUNNING"), ("RUNNING", "PENDING", "STOPPED")
    )
    family, wanted = request.get("family"), TaskStatus(desired)
    if family is not None and not names.NAME.fullmatch(family):
        raise InvalidParameter(r"family must match ^[a-zA-Z0-9\-_]+$")

    def arns(after: str) -> Iterator[str]:
        for task in tx.walk(Task, after, **where):
            if task.desired_status is wanted and (family is None or _family(task) == family):
                yield task.arn

    rows, token = pages.walked(arns, request)
    return {"taskArns": rows, "nextToken": token}


def _family(task: Task) -> str:
    return names.family_and_revision(task.task_definition_arn)[0]


def _stop_left_behind(tx: Transaction, task: Task) -> None:
    """A task that was declared lost, and whose containers run on: they are to stop."""
    if (left := tx.get(Stranger, task.arn)) is not None:
        tx.put(replace(left, stop_asked=True))


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
