"""Gateways and their routes as the API shows them."""

from typing import Any

from podium.ecs.records import Gateway
from podium.ecs.rules import gateways, tags
from podium.ecs.rules.gateways import Route


def told(record: Gateway, status: str = gateways.STATUS) -> dict[str, Any]:
    """What the operations that change a gateway answer."""
    return {"gatewayArn": record.arn, "name": record.name, "status": status}


def summary(record: Gateway) -> dict[str, Any]:
    return {**told(record), "createdAt": record.created_at}


def gateway(record: Gateway) -> dict[str, Any]:
    balancer = {**record.load_balancer, "currentAlbCount": 0}
    return {
        **summary(record),
        "statusReason": gateways.NO_LOAD_BALANCERS,
        "failures": [],
        "infrastructureRoleArn": record.infrastructure_role_arn,
        "deletionProtection": record.deletion_protection,
        "configuration": {"hostSharedAlb": balancer},
        "accessType": "PRIVATE" if balancer["scheme"] == "internal" else "PUBLIC",
        "propagateTags": record.propagate_tags,
        "tags": tags.shown(record.tags),
        "updatedAt": record.updated_at,
    }


def route_summary(route: Route) -> dict[str, Any]:
    return {
        "gatewayRouteArn": route.arn,
        "gatewayArn": route.gateway_arn,
        "clusterArn": route.cluster_arn,
        "serviceArn": route.service_arn,
        "serviceContainerPortName": route.port_name,
        "status": gateways.ROUTE_STATUS,
    }


def route(found: Route) -> dict[str, Any]:
    return {
        "gatewayRouteArn": found.arn,
        "serviceArn": found.service_arn,
        "serviceContainerPortName": found.port_name,
        "status": gateways.ROUTE_STATUS,
        "resources": {"hostSharedAlb": []},
    }
