"""Gateways: load balancers that ECS would own, and the clusters that may use them."""

from datetime import datetime
from typing import Any

from podium.store.records import record


@record(table="ecs_gateways", indexes=("home",))
class Gateway:
    """What was asked for. `load_balancer` is the hostSharedAlb configuration in the API's own names, with defaults.

    Written by the gateway operations alone; a deleted one is gone.
    """

    arn: str
    home: str
    name: str
    infrastructure_role_arn: str
    deletion_protection: bool = True
    propagate_tags: str = "GATEWAY"
    load_balancer: dict[str, Any]
    client_token: str | None = None
    client_request: str | None = None
    tags: dict[str, str] = {}
    created_at: datetime
    updated_at: datetime


@record(table="ecs_gateway_associations", indexes=("gateway_arn", "cluster_arn", "home"))
class GatewayAssociation:
    """A cluster whose services may use a gateway. One that is DISASSOCIATING waits for the last of its routes to go."""

    arn: str
    home: str
    gateway_arn: str
    cluster_arn: str
    status: str = "ACTIVE"
