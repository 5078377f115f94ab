"""Routes: where a table sends packets.

Source: API Reference, CreateRoute, ReplaceRoute, DeleteRoute; Amazon VPC User Guide, "Route tables".
"""

from typing import Any

from podium.ec2 import lookups
from podium.ec2.errors import Invalid, InvalidCombination, Missing, RouteExists, RouteNotFound
from podium.ec2.records import InternetGateway, NatGateway, NetworkInterface, Route, RouteTable
from podium.ec2.rules import asked, cidrs
from podium.ec2.service import Answer, Request, changes
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

_TARGETS: dict[str, type[Any]] = {
    "GatewayId": InternetGateway,
    "NatGatewayId": NatGateway,
    "NetworkInterfaceId": NetworkInterface,
}
_NEVER = (
    "CarrierGatewayId",
    "CoreNetworkArn",
    "EgressOnlyInternetGatewayId",
    "InstanceId",
    "LocalGatewayId",
    "OdbNetworkArn",
    "TransitGatewayId",
    "VpcEndpointId",
    "VpcPeeringConnectionId",
)


@changes
def create_route(call: Call, tx: Transaction, request: Request) -> Answer:
    table = lookups.named(tx, call.home, RouteTable, request["RouteTableId"])
    destination = _destination(request)
    if any(route.destination == destination for route in table.routes):
        raise RouteExists(f"The route identified by {destination} already exists.")
    route = Route(destination=destination, target=_target(call, tx, table, request))
    tx.put(replace(table, routes=(*table.routes, route)))
    return {"Return": True}


@changes
def replace_route(call: Call, tx: Transaction, request: Request) -> Answer:
    table = lookups.named(tx, call.home, RouteTable, request["RouteTableId"])
    destination = _destination(request)
    held = next((route for route in table.routes if route.destination == destination), None)
    if held is None:
        raise Invalid(f"There is no route defined for '{destination}' in the route table. Use CreateRoute instead.")
    if held.target == "local":
        if request.get("LocalTarget"):
            return {}
        raise Invalid(f"cannot replace local route {destination} in route table {table.id}")
    route = replace(held, target=_target(call, tx, table, request))
    tx.put(replace(table, routes=tuple(route if each is held else each for each in table.routes)))
    return {}


@changes
def delete_route(call: Call, tx: Transaction, request: Request) -> Answer:
    table = lookups.named(tx, call.home, RouteTable, request["RouteTableId"])
    destination = _destination(request)
    held = next((route for route in table.routes if route.destination == destination), None)
    if held is None:
        raise RouteNotFound(
            f"no route with destination-cidr-block {destination} in route table {table.id}",
        )
    if held.target == "local":
        raise Invalid(f"cannot remove local route {destination} in route table {table.id}")
    tx.put(replace(table, routes=tuple(route for route in table.routes if route is not held)))
    return {}


def _destination(request: Request) -> str:
    asked.refuse(request, "DestinationIpv6CidrBlock", what=asked.IPV6)
    asked.refuse(request, "DestinationPrefixListId", what="prefix lists")
    return cidrs.of_rule(asked.required(request, "DestinationCidrBlock"))


def _target(call: Call, tx: Transaction, table: RouteTable, request: Request) -> str:
    """The id of the one target that is given: it must be of the table's VPC."""
    asked.refuse(request, *_NEVER, what="such targets")
    given = [name for name in _TARGETS if request.get(name)]
    if not given:
        raise Missing("The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId")
    if len(given) > 1:
        raise InvalidCombination("The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId")
    identity = str(request[given[0]])
    target = lookups.named(tx, call.home, _TARGETS[given[0]], identity)
    if target.vpc_arn != table.vpc_arn:
        noun = "network gateway" if given[0] == "GatewayId" else "interface"
        raise Invalid(f"route table {table.id} and {noun} {identity} belong to different networks")
    return identity
