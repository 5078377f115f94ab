"""Express services: creating, changing, showing, deleting.

Each is a service whose task definition, capacity and scaling ECS chooses. It asks for Fargate and a load balancer,
so that none of its tasks is started yet; its status says so.
"""

from typing import Any

from podium.ecs import histories, limits, names
from podium.ecs.errors import InvalidParameter, ResourceNotFound, ServiceNotActive, ServiceNotFound
from podium.ecs.operations.clusters import create_cluster
from podium.ecs.operations.task_definitions import register_task_definition
from podium.ecs.records import Cluster, ExpressService, Service, ServiceStatus, TaskDefinition
from podium.ecs.rules import capacity, choices, enums, express, requests, tags
from podium.ecs.service import ecs
from podium.ecs.views import express as views
from podium.ecs.views.services import deployment_configuration
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

STRATEGY = ({"capacityProvider": "FARGATE", "weight": 1, "base": 1},)
GRACE_SECONDS = 300
CANARY = {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 3}
BAKE_MINUTES = 3


@ecs.operation
def create_express_gateway_service(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Makes the default cluster if there is none. Without a name the service is called after its image."""
    enums.check("CreateExpressGatewayService", request)
    cluster = _cluster(call, tx, request.get("cluster"))
    name = names.checked_name("ServiceName", request.get("serviceName") or _named(call, request))
    arn = call.arn("ecs", f"service/{cluster.name}/{name}")
    before = tx.get(Service, arn)
    if before is not None and before.status is not ServiceStatus.INACTIVE:
        raise InvalidParameter("Creation of service was not idempotent.")
    if before is not None:
        histories.forget(tx, arn)
    limits.one_more_service(call, tx, cluster)
    made = express.configuration(request, {}, _log_group(call, cluster, name))
    definition = _definition(call, tx, made, f"{cluster.name}-{name}")
    version, family = capacity.platform(None, "FARGATE", definition)
    service = Service(
        arn=arn,
        home=call.home,
        cluster_arn=cluster.arn,
        name=name,
        desired_count=made["scalingTarget"]["minTaskCount"],
        task_definition_arn=definition.arn,
        launch_type=None,
        runs_on="FARGATE",
        capacity_provider_strategy=STRATEGY,
        platform_version=version,
        platform_family=family,
        network_configuration=_network(made),
        deployment_strategy="CANARY",
        canary=CANARY,
        bake_minutes=BAKE_MINUTES,
        health_check_grace_seconds=GRACE_SECONDS,
        propagate_tags="SERVICE",
        resource_management="ECS",
        tags=tags.parsed(request.get("tags")),
        created_at=call.now,
        created_by=call.principal_arn,
    )
    service = tx.put(histories.begin(tx, call.ids, service, call.now, deployment_configuration(service)))
    record = ExpressService(
        arn=arn,
        home=call.home,
        infrastructure_role_arn=request["infrastructureRoleArn"],
        configuration=made,
        managed="taskDefinitionArn" not in request,
        created_at=call.now,
        updated_at=call.now,
    )
    return {"service": views.service(tx, tx.put(record), service, ("TAGS",))}


@ecs.operation
def update_express_gateway_service(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """What is left out stays. Every update begins a deployment."""
    enums.check("UpdateExpressGatewayService", request)
    record, service = _active(call, tx, request["serviceArn"])
    cluster = names.cluster(call, tx, service.cluster_arn)
    log_group = _log_group(call, cluster, service.name)
    made = express.configuration(request, record.configuration, log_group)
    definition = _definition(call, tx, made, f"{cluster.name}-{service.name}")
    service = replace(
        service,
        task_definition_arn=definition.arn,
        desired_count=max(service.desired_count, made["scalingTarget"]["minTaskCount"]),
        network_configuration=_network(made),
    )
    service = tx.put(histories.begin(tx, call.ids, service, call.now, deployment_configuration(service)))
    managed = "taskDefinitionArn" not in made
    record = tx.put(replace(record, configuration=made, managed=managed, updated_at=call.now))
    return {"service": views.updated(tx, record, service)}


@ecs.operation
def delete_express_gateway_service(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """DRAINING; the service controller makes it INACTIVE."""
    record, service = _active(call, tx, request["serviceArn"])
    service = tx.put(replace(service, status=ServiceStatus.DRAINING, desired_count=0))
    record = tx.put(replace(record, updated_at=call.now))
    return {"service": views.service(tx, record, service)}


@ecs.operation(reads=True)
def describe_express_gateway_service(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    include = choices.checked("include", request.get("include", ()), ("TAGS",))
    found = _found(call, tx, request["serviceArn"])
    if found is None:
        raise ResourceNotFound("The specified Express service was not found.")
    return {"service": views.service(tx, *found, include)}


def _cluster(call: Call, tx: Transaction, value: str | None) -> Cluster:
    arn = names.cluster_arn(call, value)
    known = tx.get(Cluster, arn)
    if names.cluster_name(arn) == "default" and (known is None or known.status != "ACTIVE"):
        create_cluster(call, tx, {})
    return names.cluster(call, tx, value)


def _named(call: Call, request: dict[str, Any]) -> str:
    """The image's last word and four digits by chance, such as `web-3f0a`."""
    image = (request.get("primaryContainer") or {}).get("image") or request.get("taskDefinitionArn") or "express"
    word = image.rpartition("/")[2].partition("@")[0].partition(":")[0]
    return f"{''.join(c if c.isascii() and c.isalnum() else '-' for c in word)[:200]}-{call.ids.hex32()[:4]}"


def _log_group(call: Call, cluster: Cluster, name: str) -> str:
    return f"/aws/ecs/{cluster.name}/{name}-{call.ids.hex32()[:4]}"


def _definition(call: Call, tx: Transaction, made: dict[str, Any], family: str) -> TaskDefinition:
    """The caller's own, or a new revision of the one that ECS keeps for the service."""
    given = made.get("taskDefinitionArn")
    if given is None:
        told = register_task_definition(call, tx, express.definition(made, family[:255], call.region))
        given = told["taskDefinition"]["taskDefinitionArn"]
    definition = requests.usable_definition(call, tx, given)
    express.suits(definition)
    return definition


def _network(made: dict[str, Any]) -> dict[str, Any] | None:
    given = made.get("networkConfiguration")
    return {"awsvpcConfiguration": given} if given else None


def _found(call: Call, tx: Transaction, arn: str) -> tuple[ExpressService, Service] | None:
    record, service = tx.get(ExpressService, arn), tx.get(Service, arn)
    if record is None or service is None or record.home != call.home or service.resource_management != "ECS":
        return None
    return record, service


def _active(call: Call, tx: Transaction, arn: str) -> tuple[ExpressService, Service]:
    found = _found(call, tx, arn)
    if found is None:
        raise ServiceNotFound
    if found[1].status is not ServiceStatus.ACTIVE:
        raise ServiceNotActive
    return found
