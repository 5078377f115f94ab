"""Services: creating and changing them. The controller does the rest."""

from collections.abc import Mapping
from typing import Any

from podium import iam
from podium.ecs import deployment_alarms, histories, limits, names, networking, registries, targets
from podium.ecs.errors import InvalidParameter, ServiceNotActive, ServiceNotFound
from podium.ecs.records import Cluster, Service, ServiceEvent, ServiceStatus, TaskDefinition, TaskSet
from podium.ecs.records.services import fingerprint
from podium.ecs.rules import boundaries, capacity, enums, launch_volumes, requests, strategies, tags
from podium.ecs.rules.services import balancing, changes, controllers, deployments, settings
from podium.ecs.scheduling import task_sets
from podium.ecs.service import ecs
from podium.ecs.views import services as views
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST_TOKEN = 36
PLAIN = {
    "desiredCount": "desired_count",
    "healthCheckGracePeriodSeconds": "health_check_grace_seconds",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "enableExecuteCommand": "enable_execute_command",
    "propagateTags": "propagate_tags",
    "monitoring": "monitoring",
}
LISTS = {
    "loadBalancers": "load_balancers",
    "serviceRegistries": "service_registries",
    "vpcLatticeConfigurations": "vpc_lattice_configurations",
    "gatewayConnectors": "gateway_connectors",
}


@ecs.operation
def create_service(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """A name may be used again once its last service is INACTIVE. The same token and request give the same service."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    name = names.checked_name("ServiceName", request["serviceName"])
    requests.client_token(request.get("clientToken"), MOST_TOKEN)
    arn = call.arn("ecs", f"service/{cluster.name}/{name}")
    before = tx.get(Service, arn)
    if before is not None and before.status is not ServiceStatus.INACTIVE:
        return {"service": views.service(tx, _idempotent(before, request), ("TAGS",))}
    limits.one_more_service(call, tx, cluster)
    service = _created(call, tx, cluster, arn, name, request)
    iam.ensure_service_linked_role(call, tx, "ecs.amazonaws.com")
    _forget(tx, before)
    if service.controller == "ECS":
        service = _deploy(call, tx, service)
    if service.controller == "CODE_DEPLOY":
        tx.put(task_sets.first(service, call.ids, call.now))
    return {"service": views.service(tx, tx.put(service), ("TAGS",))}


def _idempotent(before: Service, request: dict[str, Any]) -> Service:
    if before.status is ServiceStatus.DRAINING:
        raise InvalidParameter("Unable to Start a service that is still Draining.")
    if not request.get("clientToken") or before.client_token != request["clientToken"]:
        raise InvalidParameter("Creation of service was not idempotent.")
    if before.client_request != fingerprint(request):
        raise InvalidParameter("Creation of service was not idempotent.")
    return before


def _forget(tx: Transaction, before: Service | None) -> None:
    """The log of an INACTIVE service of the same name goes when the new one comes."""
    if before is not None:
        histories.forget(tx, before.arn)
        for event in tx.list(ServiceEvent, service_arn=before.arn):
            tx.delete(event)


def _deploy(call: Call, tx: Transaction, service: Service) -> Service:
    """Alarms that are in ALARM already do not count against the deployment."""
    service = histories.begin(tx, call.ids, service, call.now, views.deployment_configuration(service))
    begun = replace(service.primary, alarms_ignored=deployment_alarms.firing(tx, service))
    return replace(service, deployments=(begun, *service.deployments[1:]))


def _created(call: Call, tx: Transaction, cluster: Cluster, arn: str, name: str, request: dict[str, Any]) -> Service:
    rules = deployments.OF_DAEMONS if request.get("schedulingStrategy") == "DAEMON" else deployments.DEFAULTS
    rules = deployments.fields(request.get("deploymentConfiguration"), rules)
    enums.check("CreateService", request)
    controller, scheduling = controllers.created(request, limits.of(call, limits.TASKS))
    definition = None
    if request.get("taskDefinition") is not None:
        definition = requests.usable_definition(call, tx, request["taskDefinition"])
        boundaries.check(cluster, definition)
    asked = capacity.asked(call, tx, cluster, request)
    if scheduling == "DAEMON":
        controllers.no_strategy_of_providers(asked.strategy)
    service = Service(
        arn=arn,
        home=call.home,
        cluster_arn=cluster.arn,
        name=name,
        controller=controller,
        scheduling_strategy=scheduling,
        desired_count=request.get("desiredCount", 0),
        task_definition_arn=definition.arn if definition else "",
        launch_type=asked.launch_type,
        first_launch_type=asked.launch_type,
        runs_on=asked.runs_on,
        capacity_provider_strategy=asked.strategy,
        client_token=request.get("clientToken"),
        client_request=fingerprint(request),
        tags=tags.parsed(request.get("tags")),
        created_at=call.now,
        created_by=call.principal_arn,
        **rules,
    )
    service = _with(tx, request, cluster, service, definition)
    settings.whole(service, definition, "created")
    deployment_alarms.check(tx, service)
    service = replace(service, role_arn=_role(call, request.get("role"), service, definition))
    _check_reached(tx, request, service, definition)
    return _balanced(request.get("availabilityZoneRebalancing"), service)


def _check_reached(
    tx: Transaction, request: Mapping[str, Any], service: Service, definition: TaskDefinition | None
) -> None:
    """What it names of other services is looked up last: it may be mended without another request."""
    if "loadBalancers" in request:
        targets.check(tx, service.home, service.load_balancers)
    if definition is not None and ("loadBalancers" in request or "taskDefinition" in request):
        targets.suits(tx, service.home, service.load_balancers, definition)
    if "serviceRegistries" in request:
        registries.check(tx, service.home, service.service_registries, definition)


def _balanced(asked: str | None, service: Service) -> Service:
    return replace(service, availability_zone_rebalancing=settings.rebalancing(asked, service))


def _role(call: Call, given: str | None, service: Service, definition: TaskDefinition | None) -> str | None:
    return settings.role(given, service, definition, f"arn:{call.partition}:iam::{call.account}:")


def _with(
    tx: Transaction,
    request: Mapping[str, Any],
    cluster: Cluster,
    service: Service,
    definition: TaskDefinition | None,
) -> Service:
    """The service with every member of the request that creating and updating have in common."""
    made: dict[str, Any] = {field: request[member] for member, field in PLAIN.items() if member in request}
    made |= {field: tuple(request[member]) for member, field in LISTS.items() if member in request}
    if "placementStrategy" in request:
        made["placement_strategy"] = requests.placement_strategy(request["placementStrategy"])
    if "placementConstraints" in request:
        made["placement_constraints"] = requests.placement_constraints(request["placementConstraints"], definition)
    connect = request.get("serviceConnectConfiguration", service.service_connect)
    made["service_connect"] = balancing.service_connect(connect, cluster, definition, service.runs_on)
    service = replace(service, **made)
    service = service if definition is None else _suited(request, service, definition)
    if "networkConfiguration" in request:
        networking.check(tx, cluster.home, service.network_configuration)
    return service


def _suited(request: Mapping[str, Any], service: Service, definition: TaskDefinition) -> Service:
    """The service with what its task definition has a say in."""
    capacity.suits(service.runs_on, definition)
    asked = request.get("platformVersion") or (service.platform_version if service.runs_on == "FARGATE" else None)
    version, family = capacity.platform(asked, service.runs_on, definition)
    volumes = request.get("volumeConfigurations")
    return replace(
        service,
        platform_version=version,
        platform_family=family,
        network_configuration=settings.network(request.get("networkConfiguration"), service, definition),
        volume_configurations=launch_volumes.stored(
            service.volume_configurations if volumes is None else volumes, definition
        ),
    )


@ecs.operation
def update_service(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """What is left out stays. Only what changes the tasks themselves, or forceNewDeployment, begins a deployment."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    before = _active(call, tx, cluster, request["service"])
    rules = {name: getattr(before, name) for name in deployments.DEFAULTS}
    rules = deployments.fields(request.get("deploymentConfiguration"), rules)
    enums.check("UpdateService", request)
    controller = controllers.updated(request, before.controller, before.scheduling_strategy)
    controllers.desired_count(request.get("desiredCount", before.desired_count), limits.of(call, limits.TASKS))
    definition = _definition(call, tx, request, before, controller)
    service = replace(
        _on_capacity(call, tx, cluster, request, replace(before, controller=controller, **rules)),
        task_definition_arn=definition.arn if definition else "",
    )
    service = _with(tx, request, cluster, service, definition)
    settings.whole(service, definition, "updated")
    if service.alarms != before.alarms:
        deployment_alarms.check(tx, service)
    service = replace(service, role_arn=service.role_arn or _role(call, None, service, definition))
    _check_reached(tx, request, service, definition)
    if asked := request.get("availabilityZoneRebalancing"):
        service = _balanced(asked, service)
    forced = bool(request.get("forceNewDeployment"))
    changes.capacity(before, service, forced)
    if controller == "ECS" and changes.begins_deployment(before, service, forced):
        assert definition is not None, "the ECS controller has no service without one"
        boundaries.check(cluster, definition)
        deployments.another(len(service.deployments))
        _leave_task_sets(tx, service)
        service = _deploy(call, tx, service)
    return {"service": views.service(tx, tx.put(service), ("TAGS",))}


def _on_capacity(
    call: Call, tx: Transaction, cluster: Cluster, request: Mapping[str, Any], service: Service
) -> Service:
    """An empty strategy goes back to the launch type that the service began with."""
    given = request.get("capacityProviderStrategy")
    if given is None:
        return service
    if not given:
        kind = service.launch_type or service.first_launch_type or service.runs_on
        return replace(service, capacity_provider_strategy=(), launch_type=kind, runs_on=kind)
    strategy = strategies.resolved(call, tx, cluster, {"capacityProviderStrategy": given})
    if service.scheduling_strategy == "DAEMON":
        controllers.no_strategy_of_providers(strategy)
    kind_of_providers = strategies.kind(call, tx, strategy)
    assert kind_of_providers is not None, "a strategy that was given has providers"
    runs_on = capacity.RUNS_ON[kind_of_providers]
    return replace(service, capacity_provider_strategy=strategy, launch_type=None, runs_on=runs_on)


def _definition(
    call: Call, tx: Transaction, request: dict[str, Any], service: Service, controller: str
) -> TaskDefinition | None:
    """The definition asked for. The one the service has may go on being used after it was deregistered."""
    if request.get("taskDefinition") is not None:
        return requests.usable_definition(call, tx, request["taskDefinition"])
    if not service.task_definition_arn:
        if controller == "ECS":
            raise InvalidParameter("TaskDefinition can not be blank.")
        return None
    held = tx.get(TaskDefinition, service.task_definition_arn)
    assert held is not None, "a service's task definition is never deleted before the service"
    return held


def _leave_task_sets(tx: Transaction, service: Service) -> None:
    """Under the ECS controller there are none: the deployment replaces their tasks."""
    for task_set in tx.list(TaskSet, service_arn=service.arn):
        tx.delete(task_set)


def _active(call: Call, tx: Transaction, cluster: Cluster, name: str) -> Service:
    service = names.find_service(call, tx, cluster, name)
    if service is None:
        raise ServiceNotFound
    if service.status is not ServiceStatus.ACTIVE:
        raise ServiceNotActive
    return service
