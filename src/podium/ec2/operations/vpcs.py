"""VPCs.

Source: API Reference, CreateVpc, DeleteVpc, DescribeVpcs, ModifyVpcAttribute, CreateDefaultVpc.
"""

from collections.abc import Mapping
from typing import Any

from podium.ec2 import defaults, lookups, names
from podium.ec2.errors import DefaultVpcExists, DependencyViolation, Invalid, InvalidCombination, Missing
from podium.ec2.operations.describing import described
from podium.ec2.records import (
    InternetGateway,
    NatGateway,
    NetworkInterface,
    Route,
    RouteTable,
    SecurityGroup,
    Subnet,
    Vpc,
)
from podium.ec2.rules import asked, cidrs, tags
from podium.ec2.rules.filters import TAGS, Look, fixed, of
from podium.ec2.service import Answer, Request, changes, reads
from podium.ec2.views import vpcs as views
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

_SIX = ("AmazonProvidedIpv6CidrBlock", "Ipv6CidrBlock", "Ipv6Pool", "Ipv6IpamPoolId", "Ipv6NetmaskLength")
_IPAM = ("Ipv4IpamPoolId", "Ipv4NetmaskLength")
_TENANCIES = ("default", "dedicated", "host")
_ATTRIBUTES = {
    "EnableDnsSupport": "dns_support",
    "EnableDnsHostnames": "dns_hostnames",
    "EnableNetworkAddressUsageMetrics": "address_usage_metrics",
}
LOOKS: Mapping[str, Look[Vpc]] = {
    "cidr": of("cidr"),
    "cidr-block-association.association-id": lambda vpc: (views.cidr_association(vpc),),
    "cidr-block-association.cidr-block": of("cidr"),
    "cidr-block-association.state": fixed("associated"),
    "dhcp-options-id": of("dhcp_options_id"),
    "is-default": of("is_default"),
    "isDefault": of("is_default"),
    "owner-id": lambda vpc: (names.account_of(vpc.home),),
    "state": fixed("available"),
    "vpc-id": of("id"),
    **TAGS,
}


@changes
def create_vpc(call: Call, tx: Transaction, request: Request) -> Answer:
    """A VPC comes with a route table, a network ACL and a security group."""
    asked.refuse(request, *_SIX, what=asked.IPV6)
    asked.refuse(request, *_IPAM, what="address manager")
    if not request.get("CidrBlock"):
        raise Missing("Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.")
    vpc = _made(
        call,
        cidr=cidrs.of_vpc(request["CidrBlock"]),
        tenancy=asked.one_of(request, "InstanceTenancy", _TENANCIES, "default"),
        tags=tags.specified(request, "vpc"),
    )
    _furnish(call, tx, vpc)
    return {"Vpc": views.vpc(tx.put(vpc), "pending")}


@changes
def create_default_vpc(call: Call, tx: Transaction, request: Request) -> Answer:
    """Another one, after the first was deleted: with subnets, and a way out."""
    if lookups.default_vpc(tx, call.home) is not None:
        raise DefaultVpcExists("A Default VPC already exists for this account in this region.")
    vpc = tx.put(_made(call, cidr=defaults.CIDR, is_default=True, dns_hostnames=True))
    identity = names.new_id(call.ids, "igw")
    arn = names.arn(call.home, "internet-gateway", identity)
    tx.put(InternetGateway(arn=arn, home=call.home, id=identity, vpc_arn=vpc.arn))
    _furnish(call, tx, vpc, Route(destination=defaults.EVERYWHERE, target=identity))
    for zone, zone_id, block in defaults.zones_and_blocks(vpc):
        tx.put(defaults.default_subnet(vpc, names.new_id(call.ids, "subnet"), block, zone, zone_id))
    return {"Vpc": views.vpc(vpc, "pending")}


def _made(call: Call, **members: Any) -> Vpc:
    identity = names.new_id(call.ids, "vpc")
    return Vpc(
        arn=names.arn(call.home, "vpc", identity),
        home=call.home,
        id=identity,
        dhcp_options_id=defaults.dhcp_options_id(call.home),
        network_acl_id=names.new_id(call.ids, "acl"),
        **members,
    )


def _furnish(call: Call, tx: Transaction, vpc: Vpc, *routes: Route) -> None:
    tx.put(defaults.main_table(vpc, names.new_id(call.ids, "rtb"), *routes))
    group = tx.put(defaults.default_group(vpc, names.new_id(call.ids, "sg")))
    for rule in defaults.group_rules(group, names.new_id(call.ids, "sgr"), names.new_id(call.ids, "sgr")):
        tx.put(rule)


@changes
def delete_vpc(call: Call, tx: Transaction, request: Request) -> Answer:
    """With what came with it. Anything else must go before."""
    vpc = lookups.named(tx, call.home, Vpc, request["VpcId"])
    tables = lookups.every(tx, call.home, RouteTable, vpc_arn=vpc.arn)
    groups = lookups.every(tx, call.home, SecurityGroup, vpc_arn=vpc.arn)
    others = [t for t in tables if not t.is_main] + [g for g in groups if not g.is_default]
    if others or _inhabited(tx, vpc):
        raise DependencyViolation(f"The vpc '{vpc.id}' has dependencies and cannot be deleted.")
    for group in groups:
        for rule in lookups.rules_of(tx, group):
            tx.delete(rule)
    for record in (*tables, *groups, vpc):
        tx.delete(record)
    return {}


def _inhabited(tx: Transaction, vpc: Vpc) -> bool:
    kinds: tuple[type[Any], ...] = (Subnet, NetworkInterface, NatGateway)
    gateways = lookups.every(tx, vpc.home, InternetGateway)
    return any(gateway.vpc_arn == vpc.arn for gateway in gateways) or any(
        lookups.every(tx, vpc.home, kind, vpc_arn=vpc.arn) for kind in kinds
    )


@reads
def describe_vpcs(call: Call, tx: Transaction, request: Request) -> Answer:
    return described(call, tx, request, Vpc, ids="VpcIds", member="Vpcs", looks=LOOKS, view=views.vpc)


@reads
def describe_vpc_attribute(call: Call, tx: Transaction, request: Request) -> Answer:
    vpc, given = lookups.named(tx, call.home, Vpc, request["VpcId"]), request["Attribute"]
    name = given[:1].upper() + given[1:]
    if name not in _ATTRIBUTES:
        raise Invalid(f"Value ({given}) for parameter attribute is invalid. Unknown attribute.")
    return {"VpcId": vpc.id, name: {"Value": getattr(vpc, _ATTRIBUTES[name])}}


@changes
def modify_vpc_attribute(call: Call, tx: Transaction, request: Request) -> Answer:
    """One attribute at a time."""
    vpc = lookups.named(tx, call.home, Vpc, request["VpcId"])
    given = {name: request[name] for name in _ATTRIBUTES if name in request}
    if len(given) > 1:
        raise InvalidCombination("Fields for multiple attribute types specified")
    if not given:
        raise Missing("The request must contain the parameter enableDnsSupport or enableDnsHostnames")
    [(name, value)] = given.items()
    changed: dict[str, Any] = {_ATTRIBUTES[name]: bool(value.get("Value"))}
    tx.put(replace(vpc, **changed))
    return {}
