"""Services: creating, changing, showing, deleting. The controller does the rest."""

from dataclasses import asdict, replace
from typing import Any

from podium.ecs import names
from podium.ecs.errors import InvalidParameter, ServiceNotActive, ServiceNotFound
from podium.ecs.records import Cluster, Service, ServiceEvent, ServiceStatus, TaskDefinition
from podium.ecs.records.services import fingerprint
from podium.ecs.rules import choices, pages, requests, services, tags
from podium.ecs.scheduling import deployments
from podium.ecs.service import ecs
from podium.ecs.views import services as views
from podium.ecs.views.shown import failure
from podium.kernel.call import Call
from podium.store.session import Transaction

MOST_DESCRIBED = 10
PLAIN = {
    "desiredCount": "desired_count",
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "healthCheckGracePeriodSeconds": "health_check_grace_seconds",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "propagateTags": "propagate_tags",
}


@ecs.operation
def create_service(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """A name may be used again once its last service is INACTIVE. The same token and request give the same service."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    name = names.checked_name("ServiceName", request["serviceName"])
    arn = call.arn("ecs", f"service/{cluster.name}/{name}")
    before = tx.get(Service, arn)
    if before is not None and before.status is not ServiceStatus.INACTIVE:
        return {"service": views.service(tx, _idempotent(before, request), ("TAGS",))}
    _forget(tx, before)
    service = tx.put(_service(call, tx, cluster, arn, name, request))
    return {"service": views.service(tx, service, ("TAGS",))}


def _idempotent(before: Service, request: dict[str, Any]) -> Service:
    if before.status is ServiceStatus.DRAINING:
        raise InvalidParameter("Unable to Start a service that is still Draining.")
    if not request.get("clientToken") or before.client_request != fingerprint(request):
        raise InvalidParameter("Creation of service was not idempotent.")
    return before


def _forget(tx: Transaction, before: Service | None) -> None:
    """The log of an INACTIVE service of the same name goes when the new one comes."""
    if before is not None:
        for event in tx.list(ServiceEvent, service_arn=before.arn):
            tx.delete(event)


def _service(call: Call, tx: Transaction, cluster: Cluster, arn: str, name: str, request: dict[str, Any]) -> Service:
    services.controller(request)
    if not request.get("taskDefinition"):
        raise InvalidParameter("TaskDefinition can not be blank.")
    if "desiredCount" not in request:
        raise InvalidParameter("desiredCount must be specified for services with the REPLICA scheduling strategy.")
    definition = requests.usable_definition(call, tx, request["taskDefinition"])
    launch_type = requests.launch_type(request, definition)
    requests.network(request, definition)
    services.grace(request, _has_health_check(definition))
    rules = services.deployment(request.get("deploymentConfiguration"), services.DeploymentRules())
    return Service(
        arn=arn,
        home=call.home,
        cluster_arn=cluster.arn,
        name=name,
        desired_count=services.desired_count(request),
        task_definition_arn=definition.arn,
        launch_type=launch_type,
        **asdict(rules),
        placement_constraints=requests.placement_constraints(request.get("placementConstraints"), definition),
        placement_strategy=requests.placement_strategy(request.get("placementStrategy")),
        availability_zone_rebalancing=_rebalancing(request, "ENABLED"),
        health_check_grace_seconds=request.get("healthCheckGracePeriodSeconds", 0),
        enable_ecs_managed_tags=request.get("enableECSManagedTags", False),
        propagate_tags=choices.one_of("propagateTags", request.get("propagateTags") or "NONE", services.PROPAGATE),
        deployments=(deployments.new_deployment(call.ids, definition.arn, call.now),),
        client_token=request.get("clientToken"),
        client_request=fingerprint(request),
        tags=tags.parsed(request.get("tags")),
        created_at=call.now,
        created_by=call.principal_arn,
    )


@ecs.operation
def update_service(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """What is left out stays. A new definition, or forceNewDeployment, begins a deployment; nothing else does."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    service = _active(call, tx, cluster, request["service"])
    services.controller(request)
    service = _changed(request, service)
    definition = _definition(call, tx, request, service)
    requests.network(request, definition)
    services.grace(request, _has_health_check(definition))
    if definition.arn != service.task_definition_arn or request.get("forceNewDeployment"):
        services.another_deployment(len(service.deployments))
        deployment = deployments.new_deployment(call.ids, definition.arn, call.now)
        service = replace(
            service,
            task_definition_arn=definition.arn,
            deployments=deployments.superseded(service, deployment),
            failed_starts=0,
            start_again_at=None,
            problem=None,
            problem_at=None,
        )
    tx.put(service)
    return {"service": views.service(tx, service, ("TAGS",))}


def _changed(request: dict[str, Any], service: Service) -> Service:
    """The service with the settings that take effect without a deployment."""
    if "desiredCount" in request:
        services.desired_count(request)
    before = services.DeploymentRules(
        minimum_healthy_percent=service.minimum_healthy_percent,
        maximum_percent=service.maximum_percent,
        circuit_breaker=service.circuit_breaker,
        circuit_breaker_rollback=service.circuit_breaker_rollback,
    )
    rules = services.deployment(request.get("deploymentConfiguration"), before)
    given = {field: request[member] for member, field in PLAIN.items() if member in request}
    if "propagate_tags" in given:
        choices.one_of("propagateTags", given["propagate_tags"], services.PROPAGATE)
    _rebalancing(request, "ENABLED")
    if "placementStrategy" in request:
        given["placement_strategy"] = requests.placement_strategy(request["placementStrategy"])
    if "placementConstraints" in request:
        given["placement_constraints"] = requests.placement_constraints(request["placementConstraints"])
    return replace(service, **asdict(rules), **given)


def _definition(call: Call, tx: Transaction, request: dict[str, Any], service: Service) -> TaskDefinition:
    """The definition asked for. The one the service has may go on being used after it was deregistered."""
    if request.get("taskDefinition"):
        definition = requests.usable_definition(call, tx, request["taskDefinition"])
        requests.launch_type({"launchType": service.launch_type}, definition)
        return definition
    held = tx.get(TaskDefinition, service.task_definition_arn)
    assert held is not None, "a service's task definition is never deleted before the service"
    return held


@ecs.operation
def delete_service(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """DRAINING until its tasks are on their way out, then INACTIVE."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    service = names.find_service(call, tx, cluster, request["service"])
    if service is None or service.status is ServiceStatus.INACTIVE:
        raise ServiceNotFound
    if service.desired_count > 0 and not request.get("force"):
        raise InvalidParameter("The service cannot be stopped while it is scaled above 0.")
    if len(service.deployments) > 1 and not request.get("force"):
        raise InvalidParameter("The service cannot be stopped while deployments are active.")
    service = tx.put(replace(service, status=ServiceStatus.DRAINING, desired_count=0))
    return {"service": views.service(tx, service, ("TAGS",))}


@ecs.operation(reads=True)
def describe_services(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    cluster = names.cluster(call, tx, request.get("cluster"))
    include = choices.checked("include", request.get("include", ()), ("TAGS",))
    asked = request["services"]
    if not asked:
        raise InvalidParameter("Services cannot be empty.")
    if len(asked) > MOST_DESCRIBED:
        raise InvalidParameter(f"service names can have at most {MOST_DESCRIBED} items.")
    found, failures = [], []
    for value in asked:
        arn = names.service_arn(call, cluster, value)
        service = tx.get(Service, arn)
        if service is None or service.cluster_arn != cluster.arn:
            failures.append(failure(arn))
        else:
            found.append(views.service(tx, service, include))
    return {"services": found, "failures": failures}


@ecs.operation(reads=True)
def list_services(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """ACTIVE services alone; the filters are ANDed. Ten to a page unless asked otherwise."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    where: dict[str, Any] = {"cluster_arn": cluster.arn, "status": ServiceStatus.ACTIVE}
    if "launchType" in request:
        where["launch_type"] = choices.one_of("launchType", request["launchType"], requests.LAUNCH_TYPES)
    if "schedulingStrategy" in request:
        where["scheduling_strategy"] = choices.one_of(
            "schedulingStrategy", request["schedulingStrategy"], ("REPLICA", "DAEMON")
        )
    arns = sorted(s.arn for s in tx.list(Service, **where))
    rows, token = pages.page(arns, request, key=lambda arn: arn, default=10)
    return {"serviceArns": rows, "nextToken": token}


def _active(call: Call, tx: Transaction, cluster: Cluster, name: str) -> Service:
    service = names.find_service(call, tx, cluster, name)
    if service is None:
        raise ServiceNotFound
    if service.status is not ServiceStatus.ACTIVE:
        raise ServiceNotActive
    return service


def _has_health_check(definition: TaskDefinition) -> bool:
    return any("healthCheck" in c for c in definition.containers)


def _rebalancing(request: dict[str, Any], default: str) -> str:
    value = request.get("availabilityZoneRebalancing") or default
    return choices.one_of("availabilityZoneRebalancing", value, services.REBALANCING)
