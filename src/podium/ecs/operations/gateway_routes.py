"""Which clusters may use a gateway, and the routes that their services would have through it."""

from typing import Any

from podium.ecs import names
from podium.ecs.errors import InvalidParameter, ResourceNotFound
from podium.ecs.operations.gateways import find
from podium.ecs.records import Gateway, GatewayAssociation
from podium.ecs.rules import enums, gateways, pages
from podium.ecs.service import ecs
from podium.ecs.views import gateways as views
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST_OF_A_CLUSTER = 5


@ecs.operation
def associate_gateway_with_cluster(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Associating again changes nothing. A cluster has five gateways at most."""
    gateway = find(call, tx, request["gateway"])
    cluster = names.cluster(call, tx, request["cluster"])
    others = [a for a in tx.list(GatewayAssociation, cluster_arn=cluster.arn) if a.gateway_arn != gateway.arn]
    if len(others) >= MOST_OF_A_CLUSTER:
        raise InvalidParameter(f"A cluster can be associated with at most {MOST_OF_A_CLUSTER} gateways.")
    arn = _key(gateway, cluster.arn)
    made = GatewayAssociation(arn=arn, home=call.home, gateway_arn=gateway.arn, cluster_arn=cluster.arn)
    return _shown(tx.put(made))


@ecs.operation
def disassociate_gateway_from_cluster(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """It stays, DISASSOCIATING, while services of the cluster have routes; else it goes at once."""
    gateway = find(call, tx, request["gateway"])
    cluster = names.cluster(call, tx, request["cluster"])
    found = tx.get(GatewayAssociation, _key(gateway, cluster.arn))
    if found is None:
        raise ResourceNotFound("The gateway is not associated with the cluster.")
    leaving = replace(found, status="DISASSOCIATING")
    if any(r.cluster_arn == cluster.arn for r in gateways.routes(tx, gateway)):
        tx.put(leaving)
    else:
        tx.delete(found)
    return _shown(leaving)


@ecs.operation(reads=True)
def list_gateway_cluster_associations(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    enums.check("ListGatewayClusterAssociations", request)
    where = {"home": call.home}
    if "gateway" in request:
        where["gateway_arn"] = find(call, tx, request["gateway"]).arn
    if "cluster" in request:
        where["cluster_arn"] = names.cluster_arn(call, request["cluster"])
    found = [a for a in tx.list(GatewayAssociation, **where) if a.status in (request.get("status") or [a.status])]
    rows, token = pages.page(sorted(found, key=lambda a: a.arn), request, key=lambda a: a.arn)
    return {"gatewayClusterAssociations": [_shown(a) for a in rows], "nextToken": token}


@ecs.operation(reads=True)
def describe_gateway_route(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    for found in _routes(call, tx):
        if found.arn == request["gatewayRouteArn"]:
            return {"gatewayRoute": views.route(found)}
    raise ResourceNotFound("The specified gateway route was not found.")


@ecs.operation(reads=True)
def list_gateway_routes(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """`service` is an ARN, or a name in whatever cluster."""
    enums.check("ListGatewayRoutes", request)
    found = gateways.routes(tx, find(call, tx, request["gateway"])) if "gateway" in request else _routes(call, tx)
    if "cluster" in request:
        cluster_arn = names.cluster_arn(call, request["cluster"])
        found = [r for r in found if r.cluster_arn == cluster_arn]
    if "service" in request:
        found = [r for r in found if request["service"] in (r.service_arn, r.service_arn.rpartition("/")[2])]
    if "serviceContainerPortName" in request:
        found = [r for r in found if r.port_name == request["serviceContainerPortName"]]
    if request.get("status") and gateways.ROUTE_STATUS not in request["status"]:
        found = []
    rows, token = pages.page(found, request, key=lambda r: r.arn)
    return {"gatewayRoutes": [views.route_summary(r) for r in rows], "nextToken": token}


def _routes(call: Call, tx: Transaction) -> list[gateways.Route]:
    found = [r for gateway in tx.list(Gateway, home=call.home) for r in gateways.routes(tx, gateway)]
    return sorted(found, key=lambda r: r.arn)


def _key(gateway: Gateway, cluster_arn: str) -> str:
    return f"{gateway.arn}#{cluster_arn}"


def _shown(association: GatewayAssociation) -> dict[str, str]:
    return {
        "gatewayArn": association.gateway_arn,
        "clusterArn": association.cluster_arn,
        "status": association.status,
    }
