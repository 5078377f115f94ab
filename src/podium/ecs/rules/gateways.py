"""What a gateway may be, and which routes services would have through it.

Source: Amazon ECS API Reference, HostSharedAlbConfiguration and CreateGateway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from podium.ecs.errors import InvalidParameter
from podium.ecs.records import Gateway, GatewayAssociation, Service, ServiceStatus
from podium.store.session import Transaction

STATUS, NO_LOAD_BALANCERS = "UPDATE_FAILED", "Podium makes no load balancers of gateways yet: nothing comes in."
ROUTE_STATUS = "CREATE_FAILED"
NETWORK = {"ipAddressType": "dualstack"}
DEFAULTS = {
    "scheme": "internet-facing",
    "port": 443,
    "protocol": "HTTPS",
    "maxAlbCount": 10,
    "httpDesync": "defensive",
}
MOST_BALANCERS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """What one port of a service would need of a gateway."""

    arn: str
    gateway_arn: str
    cluster_arn: str
    service_arn: str
    port_name: str


def load_balancer(configuration: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The configuration with what was there before, and the defaults below. Raises InvalidParameter."""
    given = configuration.get("hostSharedAlb")
    if given is None:
        raise InvalidParameter("Exactly one gateway configuration must be specified.")
    network = {
        **NETWORK,
        **((before or {}).get("networkConfiguration") or {}),
        **(given.get("networkConfiguration") or {}),
    }
    made = {**DEFAULTS, **(before or {}), **given, "networkConfiguration": network}
    if (made["port"], made["protocol"]) != (443, "HTTPS"):
        raise InvalidParameter("A gateway supports only the HTTPS protocol at port 443.")
    if not 1 <= made["maxAlbCount"] <= MOST_BALANCERS:
        raise InvalidParameter(f"maxAlbCount must be between 1 and {MOST_BALANCERS}")
    return made


def routes(tx: Transaction, gateway: Gateway) -> list[Route]:
    """One for each connector of each service of the clusters that are associated."""
    found = []
    for association in tx.list(GatewayAssociation, gateway_arn=gateway.arn):
        for service in tx.list(Service, cluster_arn=association.cluster_arn):
            if service.status is not ServiceStatus.INACTIVE:
                found += [_route(gateway, service, c["portName"]) for c in service.gateway_connectors]
    return sorted(found, key=lambda route: route.arn)


def _route(gateway: Gateway, service: Service, port_name: str) -> Route:
    within = service.arn.rpartition(":service/")[2]
    head = gateway.arn.replace(":gateway/", ":gateway-route/", 1)
    return Route(
        arn=f"{head}/{within}/{port_name}",
        gateway_arn=gateway.arn,
        cluster_arn=service.cluster_arn,
        service_arn=service.arn,
        port_name=port_name,
    )
