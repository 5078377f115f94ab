"""Starting tasks that belong to no service: RunTask and StartTask."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from podium.ecs import limits, names, networking, queueing, starting, task_roles
from podium.ecs.errors import Conflict, InvalidParameter
from podium.ecs.records import Cluster, Task, TaskDefinition, TaskStatus
from podium.ecs.records.services import fingerprint
from podium.ecs.rules import (
    boundaries,
    capacity,
    choices,
    effects,
    enums,
    launch_volumes,
    networks,
    overrides,
    requests,
    tags,
)
from podium.ecs.rules.capacity import Capacity
from podium.ecs.rules.capacity_providers import FARGATE
from podium.ecs.scheduling import launching, placement
from podium.ecs.scheduling.fleets import Fleets
from podium.ecs.service import ecs
from podium.ecs.views import tasks as views
from podium.ecs.views.shown import failure
from podium.kernel.call import Call
from podium.store.session import Transaction

MOST_RUN, MOST_STARTED = 10, 10
MOST_TOKEN, MOST_REFERENCE = 64, 1024
MOST_STARTED_BY = {"RunTask": 128, "StartTask": 36}
TOKEN_LIVES = timedelta(hours=24)
TOKEN_OUTLIVES_TASKS = timedelta(hours=1)


@ecs.operation
def run_task(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Places as many of `count` as fit; the rest are failures, one for each instance considered."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    enums.check("RunTask", request)
    requests.client_token(request.get("clientToken"), MOST_TOKEN)
    if (replayed := _replayed(call, tx, cluster, request)) is not None:
        return {"tasks": [_replay(tx, t) for t in replayed], "failures": []}
    count = request.get("count", 1)
    if not 1 <= count <= MOST_RUN:
        raise InvalidParameter(f"count must be between 1 and {MOST_RUN}")
    definition = requests.usable_definition(call, tx, request["taskDefinition"])
    asked = capacity.asked(call, tx, cluster, request)
    launch = _launch(tx, cluster, request, definition, asked, "RunTask")
    task_roles.check(tx, definition, launch.overrides, cluster.arn)
    made, failures = _run(call, tx, launch, asked, count, request)
    tasks = [tx.put(task) for task in made]
    return {"tasks": [views.task(tx, t, ("TAGS",)) for t in tasks], "failures": failures}


def _run(
    call: Call, tx: Transaction, launch: launching.Launch, asked: Capacity, count: int, request: Mapping[str, Any]
) -> tuple[list[Task], list[dict[str, str]]]:
    """The tasks as they begin: placed, or PROVISIONING for capacity that Podium does not have."""
    strategy = requests.placement_strategy(request.get("placementStrategy"))
    if missing := effects.CAPACITY.get(asked.runs_on):
        providers = starting.providers(asked.strategy, count)
        return [launching.waiting(launch, missing, call.ids, call.now, p) for p in providers], []
    named = [item["capacityProvider"] for item in asked.strategy]
    may_wait = [name for name in named if _may_wait(tx, launch, name)]
    if asked.runs_on != "FARGATE" and not may_wait and not starting.any_instance(tx, launch):
        raise InvalidParameter("No Container Instances were found in your cluster.")
    wish = starting.Wish(launch=launch, count=count, providers=asked.strategy, strategy=strategy)
    found = starting.seats(tx, wish, call.ids.below)
    launches = starting.in_zones(tx, launch, len(found.taken), call.ids.below)
    made = [
        launching.task(own, site, call.ids, call.now, provider)
        for own, (site, provider) in zip(launches, found.taken, strict=True)
    ]
    if asked.strategy:
        waits = [p for p in found.unseated if p in may_wait]
        most = limits.of(call, limits.PROVISIONING)
        queued, refused = queueing.queued(tx, wish, waits, most, call.ids, call.now)
        failures = [failure(launch.cluster_arn, queueing.FULL)] * refused
        return [*made, *queued], [*failures, *_unscaled(launch, found, may_wait)]
    if asked.runs_on == "FARGATE":
        return made, [_no_fargate(found)] * (count - len(made))
    return made, [failure(m.instance_arn, m.reason) for m in found.misses]


def _may_wait(tx: Transaction, launch: launching.Launch, provider: str) -> bool:
    """Whether its tasks stay PROVISIONING until there is room. Those of an Auto Scaling group that ECS does not scale
    fail at once, like those of no provider.

    Source: AWS Containers blog, "Deep dive on Amazon ECS cluster auto scaling".
    """
    return provider in FARGATE or queueing.is_managed(tx, launch.definition.home, provider)


def _unscaled(launch: launching.Launch, found: starting.Seats, may_wait: Collection[str]) -> Iterator[dict[str, str]]:
    """Why the tasks that may not wait have no place: one for each instance of their providers, or for each of the tasks
    whose provider has none.
    """
    for provider, count in Counter(p for p in found.unseated if p not in may_wait).items():
        misses = [failure(m.instance_arn, m.reason) for m in found.missed[provider]]
        yield from misses or [failure(launch.cluster_arn, queueing.NO_INSTANCES)] * count


def _no_fargate(found: starting.Seats) -> dict[str, str]:
    """AWS's reason, and in the detail what Podium knows of its own hosts."""
    detail = "No host serves Fargate here. `podium up`, run as root, makes this machine one."
    if found.misses:
        counts = Counter(miss.reason for miss in found.misses)
        told = ", ".join(f"{reason} on {count}" for reason, count in sorted(counts.items()))
        detail = f"What the hosts that serve Fargate lack: {told}."
    return failure(None, effects.NO_FARGATE, detail)


@ecs.operation
def start_task(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """One task on each instance named, if it has room. Nothing is scheduled."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    enums.check("StartTask", request)
    asked = request["containerInstances"]
    if not 1 <= len(asked) <= MOST_STARTED:
        raise InvalidParameter(f"Container instances must have between 1 and {MOST_STARTED} items.")
    definition = requests.usable_definition(call, tx, request["taskDefinition"])
    launch = _launch(tx, cluster, request, definition, Capacity(runs_on="EC2", launch_type="EC2"), "StartTask")
    task_roles.check(tx, definition, launch.overrides, cluster.arn)
    tasks, failures = [], []
    for value in asked:
        instance = names.find_instance(call, tx, cluster, value)
        if instance is None:
            failures.append(failure(names.instance_arn(call, cluster, value)))
            continue
        room = tx.view(Fleets).room(instance.arn)
        reason = placement.unfit(launch.needs, room.for_daemons) if room is not None else "INACTIVE"
        if room is None or reason:
            failures.append(failure(instance.arn, reason or "INACTIVE"))
        else:
            tasks.append(tx.put(launching.task(launch, room.site(launch.needs), call.ids, call.now)))
    return {"tasks": [views.task(tx, t, ("TAGS",)) for t in tasks], "failures": failures}


def _launch(
    tx: Transaction,
    cluster: Cluster,
    request: Mapping[str, Any],
    definition: TaskDefinition,
    asked: Capacity,
    operation: str,
) -> launching.Launch:
    """Everything about the tasks that the request decides. Raises what is wrong with it."""
    boundaries.check(cluster, definition)
    capacity.suits(asked.runs_on, definition)
    if asked.runs_on == "FARGATE":
        requests.not_on_fargate(request)
    version, family = capacity.platform(request.get("platformVersion"), asked.runs_on, definition)
    network = networks.configuration(request.get("networkConfiguration"), definition, asked.runs_on)
    networking.check(tx, cluster.home, network)
    constraints = requests.placement_constraints(request.get("placementConstraints"), definition)
    changed = overrides.stored(request.get("overrides"), definition, asked.runs_on)
    volumes = launch_volumes.stored(request.get("volumeConfigurations"), definition)
    _check_words(request, operation)
    if request.get("enableExecuteCommand") and not overrides.task_role(changed, definition):
        raise InvalidParameter(
            "The task couldn't be started because a valid taskRoleArn is not being used. "
            "Specify a valid task role in your task definition and try again."
        )
    return launching.Launch(
        cluster_arn=cluster.arn,
        definition=definition,
        group=request.get("group") or f"family:{definition.family}",
        launch_type=asked.runs_on,
        platform_version=capacity.number(version, family),
        platform_family=family,
        network=networking.of(network),
        zones=networking.zones(tx, cluster.home, networking.of(network)),
        volumes=volumes,
        enable_execute_command=bool(request.get("enableExecuteCommand")),
        started_by=request.get("startedBy"),
        overrides=changed,
        tags=_tags(cluster, request, definition),
        distinct=any(c["type"] == "distinctInstance" for c in constraints),
        member_of=[c["expression"] for c in constraints if c["type"] == "memberOf"],
        client_token=request.get("clientToken"),
        client_request=fingerprint(dict(request)) if request.get("clientToken") else None,
        reference_id=request.get("referenceId"),
    )


def _check_words(request: Mapping[str, Any], operation: str) -> None:
    requests.at_most("startedBy", request.get("startedBy"), MOST_STARTED_BY[operation])
    requests.at_most("referenceId", request.get("referenceId"), MOST_REFERENCE)
    if (request.get("group") or "").startswith("service:"):
        raise InvalidParameter("Invalid namespace for group.")


def _tags(cluster: Cluster, request: Mapping[str, Any], definition: TaskDefinition) -> dict[str, str]:
    """A tag of the request wins over one of the task definition."""
    source = choices.one_of("propagateTags", request.get("propagateTags", "NONE"), ("TASK_DEFINITION", "NONE"))
    inherited = definition.tags if source == "TASK_DEFINITION" else {}
    managed = launching.managed_tags(request.get("enableECSManagedTags", False), cluster.name, None)
    return {**inherited, **tags.parsed(request.get("tags")), **managed}


def _replayed(call: Call, tx: Transaction, cluster: Cluster, request: dict[str, Any]) -> list[Task] | None:
    """The tasks that the same client token started before. Raises Conflict when it asked for something else.

    A token lives for a day, and no longer than an hour after the last of its tasks stopped.
    Source: Amazon ECS API Reference, "Ensuring idempotency".
    """
    token = request.get("clientToken")
    if not token:
        return None
    before = [t for t in tx.list(Task, client_token=token) if t.cluster_arn == cluster.arn]
    before = [t for t in before if t.created_at + TOKEN_LIVES > call.now]
    if not any(_recent(t, call.now) for t in before):
        return None
    if before[0].client_request != fingerprint(request):
        raise Conflict(
            "The clientToken was used before with different parameters.", resourceIds=[t.arn for t in before]
        )
    return before


def _recent(task: Task, now: datetime) -> bool:
    return task.stopped_at is None or task.stopped_at + TOKEN_OUTLIVES_TASKS > now


def _replay(tx: Transaction, task: Task) -> dict[str, Any]:
    """A task that has stopped since shows no more than that."""
    if task.last_status is not TaskStatus.STOPPED:
        return views.task(tx, task, ("TAGS",))
    return {
        "taskArn": task.arn,
        "lastStatus": task.last_status.value,
        "desiredStatus": task.desired_status.value,
    }
