"""Task sets: what somebody else than ECS deploys a service by."""

from collections.abc import Mapping
from typing import Any

from podium.ecs import names, networking, registries, targets
from podium.ecs.errors import InvalidParameter, ServiceNotActive, ServiceNotFound, TaskSetNotFound
from podium.ecs.records import Cluster, Service, ServiceStatus, Task, TaskDefinition, TaskSet
from podium.ecs.records.services import WORKLOAD, fingerprint
from podium.ecs.rules import boundaries, capacity, choices, enums, networks, requests, tags
from podium.ecs.rules.services import balancing
from podium.ecs.scheduling import task_sets as scheduling
from podium.ecs.service import ecs
from podium.ecs.views import task_sets as views
from podium.ecs.views.shown import failure
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST, MOST_TOKEN = 5, 36


@ecs.operation
def create_task_set(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """ACTIVE, with no tasks unless a scale is given. The same token and request give the same task set."""
    cluster, service = _service(call, tx, request)
    enums.check("CreateTaskSet", request)
    requests.client_token(request.get("clientToken"), MOST_TOKEN)
    known = tx.list(TaskSet, service_arn=service.arn)
    if before := _replayed(known, request):
        return _shown(tx, service, before)
    if len(known) >= MOST:
        raise InvalidParameter(
            f"{len(known)} deployments exist on the service. Unable to create new TaskSet since this exceeds the "
            "maximum limit."
        )
    workload = _workload(call, tx, cluster, request)
    made = scheduling.new(
        service,
        call.ids,
        call.now,
        external_id=request.get("externalId"),
        scale=_scale(request.get("scale") or {}),
        client_token=request.get("clientToken"),
        client_request=fingerprint(request),
        tags=tags.parsed(request.get("tags")),
        **workload,
    )
    return _shown(tx, service, tx.put(made))


def _replayed(known: list[TaskSet], request: dict[str, Any]) -> TaskSet | None:
    token = request.get("clientToken")
    before = next((s for s in known if token and s.client_token == token), None)
    if before is not None and before.client_request != fingerprint(request):
        raise InvalidParameter("Creation of task set was not idempotent.")
    return before


def _workload(call: Call, tx: Transaction, cluster: Cluster, request: Mapping[str, Any]) -> dict[str, Any]:
    definition = requests.usable_definition(call, tx, request["taskDefinition"])
    asked = capacity.asked(call, tx, cluster, request)
    boundaries.check(cluster, definition)
    capacity.suits(asked.runs_on, definition)
    version, family = capacity.platform(request.get("platformVersion"), asked.runs_on, definition)
    network = networks.configuration(request.get("networkConfiguration"), definition, asked.runs_on)
    networking.check(tx, cluster.home, network)
    balancers, discovery = request.get("loadBalancers") or (), request.get("serviceRegistries") or ()
    _check_balancing(balancers, discovery, definition, asked.runs_on)
    targets.check(tx, call.home, balancers)
    targets.suits(tx, call.home, balancers, definition)
    registries.check(tx, call.home, discovery, definition)
    return {
        "task_definition_arn": definition.arn,
        "launch_type": asked.launch_type,
        "runs_on": asked.runs_on,
        "capacity_provider_strategy": asked.strategy,
        "platform_version": version,
        "platform_family": family,
        "network_configuration": network,
        "load_balancers": tuple(balancers),
        "service_registries": tuple(discovery),
    }


def _check_balancing(balancers: Any, registries: Any, definition: TaskDefinition, runs_on: str) -> None:
    if any(entry.get("loadBalancerName") for entry in balancers):
        raise InvalidParameter("Classic Load Balancers are not supported with task sets.")
    balancing.load_balancers(balancers, definition, runs_on, "ROLLING")
    balancing.registries(registries, definition, runs_on)


def _scale(given: Mapping[str, Any]) -> float:
    choices.one_of("unit", given.get("unit") or "PERCENT", ("PERCENT",))
    value = float(given.get("value") or 0.0)
    if not 0 <= value <= 100:
        raise InvalidParameter("scale value must be between 0 and 100")
    return value


@ecs.operation
def update_task_set(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    _, service = _service(call, tx, request)
    task_set = _known(tx, service, request["taskSet"])
    task_set = tx.put(replace(task_set, scale=_scale(request["scale"]), updated_at=call.now))
    return _shown(tx, service, task_set)


@ecs.operation
def update_service_primary_task_set(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The one that was PRIMARY becomes ACTIVE, and the service shows the new one's workload."""
    _, service = _service(call, tx, request)
    chosen = _known(tx, service, request["primaryTaskSet"])
    for other in tx.list(TaskSet, service_arn=service.arn, status="PRIMARY"):
        tx.put(replace(other, status="ACTIVE", updated_at=call.now))
    chosen = tx.put(replace(chosen, status="PRIMARY", updated_at=call.now))
    tx.put(replace(service, **{name: getattr(chosen, name) for name in WORKLOAD}))
    return _shown(tx, service, chosen)


@ecs.operation
def delete_task_set(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """DRAINING until its tasks are on their way out; then it is gone."""
    _, service = _service(call, tx, request)
    task_set = _known(tx, service, request["taskSet"])
    if not request.get("force"):
        if task_set.status == "PRIMARY":
            raise InvalidParameter("Primary TaskSet cannot be deleted")
        if task_set.scale > 0:
            raise InvalidParameter("The task set cannot be deleted while it is scaled above 0.")
    return _shown(tx, service, tx.put(replace(task_set, status="DRAINING", updated_at=call.now)))


@ecs.operation(reads=True)
def describe_task_sets(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """All of the service's unless some are named."""
    include = choices.checked("include", request.get("include", ()), ("TAGS",))
    _, service = _service(call, tx, request)
    tasks = tx.list(Task, service_arn=service.arn)
    known = tx.list(TaskSet, service_arn=service.arn)
    asked = request.get("taskSets")
    found = known if not asked else [s for s in known if {s.id, s.arn} & set(asked)]
    missing = [value for value in asked or () if not any(value in (s.id, s.arn) for s in known)]
    return {
        "taskSets": [views.task_set(service, s, tasks, include) for s in found],
        "failures": [failure(_arn(service, value)) for value in missing],
    }


def _shown(tx: Transaction, service: Service, task_set: TaskSet) -> dict[str, Any]:
    return {"taskSet": views.task_set(service, task_set, tx.list(Task, service_arn=service.arn), ("TAGS",))}


def _service(call: Call, tx: Transaction, request: Mapping[str, Any]) -> tuple[Cluster, Service]:
    cluster = names.cluster(call, tx, request["cluster"])
    service = names.find_service(call, tx, cluster, request["service"])
    if service is None:
        raise ServiceNotFound
    if service.status is not ServiceStatus.ACTIVE:
        raise ServiceNotActive
    if service.controller != "EXTERNAL":
        raise InvalidParameter(
            "Amazon ECS only supports task set management on services configured to use external deployment "
            "controllers."
        )
    return cluster, service


def _arn(service: Service, value: str) -> str:
    return value if value.startswith("arn:") else f"{service.arn.replace(':service/', ':task-set/', 1)}/{value}"


def _known(tx: Transaction, service: Service, value: str) -> TaskSet:
    found = tx.get(TaskSet, _arn(service, value))
    if found is None or found.service_arn != service.arn:
        raise TaskSetNotFound
    return found
