"""Gateways: creating, changing, showing, deleting. No load balancer is made of them, and every answer says so."""

from typing import Any

from podium.ecs import names
from podium.ecs.errors import Client, GatewayNotFound, InvalidParameter
from podium.ecs.records import Gateway, GatewayAssociation
from podium.ecs.records.services import fingerprint
from podium.ecs.rules import enums, gateways, pages, tags
from podium.ecs.service import ecs
from podium.ecs.views import gateways as views
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST_NAMES, RESOURCES_PAGE, MOST_RESOURCES = 10, 10, 20


@ecs.operation
def create_gateway(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The same token and request give the same gateway."""
    enums.check("CreateGateway", request)
    name = names.checked_name("GatewayName", request["name"])
    arn = call.arn("ecs", f"gateway/{name}")
    before = tx.get(Gateway, arn)
    if before is not None:
        again = (request.get("clientToken"), fingerprint(request))
        if not request.get("clientToken") or again != (before.client_token, before.client_request):
            raise Client("The specified gateway already exists.")
        return views.told(before)
    made = Gateway(
        arn=arn,
        home=call.home,
        name=name,
        infrastructure_role_arn=request["infrastructureRoleArn"],
        deletion_protection=request.get("deletionProtection", True),
        propagate_tags=request.get("propagateTags", "GATEWAY"),
        load_balancer=gateways.load_balancer(request["configuration"]),
        client_token=request.get("clientToken"),
        client_request=fingerprint(request),
        tags=tags.parsed(request.get("tags")),
        created_at=call.now,
        updated_at=call.now,
    )
    return views.told(tx.put(made))


@ecs.operation
def update_gateway(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """What is left out stays."""
    enums.check("UpdateGateway", request)
    gateway = find(call, tx, request["gateway"])
    if "configuration" in request:
        changed = gateways.load_balancer(request["configuration"], gateway.load_balancer)
        gateway = replace(gateway, load_balancer=changed)
    gateway = replace(
        gateway,
        infrastructure_role_arn=request.get("infrastructureRoleArn", gateway.infrastructure_role_arn),
        deletion_protection=request.get("deletionProtection", gateway.deletion_protection),
        propagate_tags=request.get("propagateTags", gateway.propagate_tags),
        updated_at=call.now,
    )
    return views.told(tx.put(gateway))


@ecs.operation
def delete_gateway(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Gone at once, unless it is protected or a cluster may still use it."""
    gateway = find(call, tx, request["gateway"])
    if gateway.deletion_protection:
        raise Client("The gateway cannot be deleted while deletion protection is enabled.")
    associations = tx.list(GatewayAssociation, gateway_arn=gateway.arn)
    if any(a.status == "ACTIVE" for a in associations) or gateways.routes(tx, gateway):
        raise Client("The gateway cannot be deleted while it is associated with clusters.")
    for association in associations:
        tx.delete(association)
    tx.delete(gateway)
    return views.told(gateway, "DELETED")


@ecs.operation(reads=True)
def describe_gateway(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"gateway": views.gateway(find(call, tx, request["gateway"]))}


@ecs.operation(reads=True)
def list_gateways(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    enums.check("ListGateways", request)
    wanted = request.get("names") or ()
    if len(wanted) > MOST_NAMES:
        raise InvalidParameter(f"names can have at most {MOST_NAMES} items.")
    found = [g for g in tx.list(Gateway, home=call.home) if not wanted or g.name in wanted]
    if request.get("status") and gateways.STATUS not in request["status"]:
        found = []
    rows, token = pages.page(sorted(found, key=lambda g: g.arn), request, key=lambda g: g.arn)
    return {"gateways": [views.summary(g) for g in rows], "nextToken": token}


@ecs.operation(reads=True)
def describe_gateway_resources(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """None: a gateway has no load balancer here."""
    gateway = find(call, tx, request["gateway"])
    found: list[Any] = []
    pages.page(found, request, key=str, default=RESOURCES_PAGE, most=MOST_RESOURCES)
    return {"gatewayResources": {"gatewayArn": gateway.arn, "resources": {"hostSharedAlb": found}}}


def find(call: Call, tx: Transaction, name_or_arn: str) -> Gateway:
    """Raises GatewayNotFound."""
    arn = name_or_arn if name_or_arn.startswith("arn:") else call.arn("ecs", f"gateway/{name_or_arn}")
    found = tx.get(Gateway, arn)
    if found is None or found.home != call.home:
        raise GatewayNotFound
    return found
