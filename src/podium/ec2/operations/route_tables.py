"""Route tables, and which subnets have them.

Source: API Reference, CreateRouteTable, AssociateRouteTable, ReplaceRouteTableAssociation, DescribeRouteTables.
"""

from collections.abc import Mapping

from podium.ec2 import defaults, lookups, names
from podium.ec2.errors import AlreadyAssociated, DependencyViolation, Invalid, Missing
from podium.ec2.missing import AssociationNotFound
from podium.ec2.operations import tokens
from podium.ec2.operations.describing import described
from podium.ec2.records import Association, RouteTable, Subnet, Vpc
from podium.ec2.rules import asked, tags
from podium.ec2.rules.filters import TAGS, Look, of
from podium.ec2.service import Answer, Request, changes, reads
from podium.ec2.views import routes as views
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

_ASSOCIATED = {"State": "associated"}


@changes
def create_route_table(call: Call, tx: Transaction, request: Request) -> Answer:
    vpc = lookups.named(tx, call.home, Vpc, request["VpcId"])
    given, token = tags.specified(request, "route-table"), request.get("ClientToken")
    made = tokens.made_before(call, tx, RouteTable, token, vpc_id=vpc.id)
    if made is None:
        identity = names.new_id(call.ids, "rtb")
        made = RouteTable(
            arn=names.arn(call.home, "route-table", identity),
            home=call.home,
            id=identity,
            vpc_arn=vpc.arn,
            vpc_id=vpc.id,
            routes=(defaults.local_route(vpc),),
            client_token=token or "",
            tags=given,
        )
    return tokens.with_token({"RouteTable": views.table(tx, tx.put(made))}, token)


@changes
def delete_route_table(call: Call, tx: Transaction, request: Request) -> Answer:
    table = lookups.named(tx, call.home, RouteTable, request["RouteTableId"])
    if table.associations:
        raise DependencyViolation(f"The routeTable '{table.id}' has dependencies and cannot be deleted.")
    tx.delete(table)
    return {}


@changes
def associate_route_table(call: Call, tx: Transaction, request: Request) -> Answer:
    """A subnet has one table at most besides the main one."""
    asked.refuse(request, "GatewayId", "PublicIpv4Pool", what="routes into gateways")
    table = lookups.named(tx, call.home, RouteTable, request["RouteTableId"])
    if not request.get("SubnetId"):
        raise Missing("The request must contain the parameter subnetId")
    subnet = lookups.named(tx, call.home, Subnet, request["SubnetId"])
    if subnet.vpc_arn != table.vpc_arn:
        raise Invalid(f"Route table {table.id} and subnet {subnet.id} belong to different networks")
    for other in lookups.every(tx, call.home, RouteTable, vpc_arn=table.vpc_arn):
        held = next((each for each in other.associations if each.subnet_id == subnet.id), None)
        if held is not None and other.arn == table.arn:
            return {"AssociationId": held.id, "AssociationState": _ASSOCIATED}
        if held is not None:
            raise AlreadyAssociated(
                f"the specified association for route table {table.id} conflicts with an existing association",
            )
    made = Association(id=names.new_id(call.ids, "rtbassoc"), subnet_id=subnet.id)
    tx.put(replace(table, associations=(*table.associations, made)))
    return {"AssociationId": made.id, "AssociationState": _ASSOCIATED}


@changes
def disassociate_route_table(call: Call, tx: Transaction, request: Request) -> Answer:
    """The subnet falls back on the main table."""
    table, held = _association(call, tx, request["AssociationId"])
    if held.subnet_id is None:
        raise Invalid(f"cannot disassociate the main route table association {held.id}")
    tx.put(_without(table, held))
    return {}


@changes
def replace_route_table_association(call: Call, tx: Transaction, request: Request) -> Answer:
    """Another table for the subnet, or another main table for the VPC; the association has a new id."""
    before, held = _association(call, tx, request["AssociationId"])
    after = lookups.named(tx, call.home, RouteTable, request["RouteTableId"])
    if before.vpc_arn != after.vpc_arn:
        raise Invalid(f"route table {after.id} and route table {before.id} belong to different networks")
    made = replace(held, id=names.new_id(call.ids, "rtbassoc"))
    left = tx.put(_without(before, held))
    after = left if after.arn == before.arn else after
    tx.put(replace(after, associations=(*after.associations, made)))
    return {"NewAssociationId": made.id, "AssociationState": _ASSOCIATED}


def _association(call: Call, tx: Transaction, identity: str) -> tuple[RouteTable, Association]:
    for table in lookups.every(tx, call.home, RouteTable):
        for held in table.associations:
            if held.id == identity:
                return table, held
    raise AssociationNotFound(identity)


def _without(table: RouteTable, gone: Association) -> RouteTable:
    return replace(table, associations=tuple(held for held in table.associations if held.id != gone.id))


@reads
def describe_route_tables(call: Call, tx: Transaction, request: Request) -> Answer:
    looks: Mapping[str, Look[RouteTable]] = {
        **LOOKS,
        "route.state": lambda table: [views.state(tx, table, route) for route in table.routes],
    }
    return described(
        call,
        tx,
        request,
        RouteTable,
        ids="RouteTableIds",
        member="RouteTables",
        looks=looks,
        view=lambda table: views.table(tx, table),
    )


def _targets(prefix: str) -> Look[RouteTable]:
    return lambda table: [route.target for route in table.routes if route.target.startswith(prefix)]


LOOKS: Mapping[str, Look[RouteTable]] = {
    "association.main": lambda table: [held.subnet_id is None for held in table.associations],
    "association.route-table-association-id": lambda table: [held.id for held in table.associations],
    "association.route-table-id": lambda table: [table.id for _ in table.associations],
    "association.subnet-id": lambda table: [held.subnet_id for held in table.associations],
    "association.gateway-id": lambda table: (),
    "owner-id": lambda table: (names.account_of(table.home),),
    "route-table-id": of("id"),
    "route.destination-cidr-block": lambda table: [route.destination for route in table.routes],
    "route.gateway-id": lambda table: [r.target for r in table.routes if r.target.startswith(("igw-", "local"))],
    "route.nat-gateway-id": _targets("nat-"),
    "route.origin": lambda table: [route.origin for route in table.routes],
    "vpc-id": of("vpc_id"),
    **TAGS,
}
