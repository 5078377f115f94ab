"""The network that every region of an account has from the beginning.

It is not written before somebody changes it: accounts and regions are never opened, they are just used, and whoever
only looks cannot write. Until then it follows from its home alone, ids and all, so that every look finds the same, and
so does every other Podium: what names its ids works after a reset. The first change writes all of it at once, together
with a Region that says so; what is deleted of it then stays deleted. Interfaces may be made in it before.
Source: Amazon VPC User Guide, "Default VPCs".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network
from typing import Any

from podium.ec2 import names
from podium.ec2.records import (
    Association,
    InternetGateway,
    Region,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    Vpc,
)
from podium.store.session import Transaction

CIDR, SUBNET_BITS = "172.31.0.0/16", 20
EVERYWHERE = "0.0.0.0/0"
DEFAULT_GROUP = "default"
DEFAULT_GROUP_DESCRIPTION = "default VPC security group"


@dataclass(frozen=True, slots=True)
class Network:
    """Records by kind and ARN, as a transaction would find them."""

    rows: Mapping[type[Any], Mapping[str, Any]]

    def all(self) -> list[Any]:
        return [record for rows in self.rows.values() for record in rows.values()]


def settled(tx: Transaction, home: str) -> bool:
    """Whether the records hold the home's default network, or what is left of it."""
    return tx.get(Region, home) is not None


def settle(tx: Transaction, home: str, cidr: str = CIDR) -> None:
    """Write the default network down, in the range of its first writer. Who changes anything of EC2 does this first."""
    if not settled(tx, home):
        for record in network(home, cidr).all():
            tx.put(record)
        tx.put(Region(arn=home))


@lru_cache(maxsize=256)
def network(home: str, cidr: str = CIDR) -> Network:
    def identity(prefix: str, *more: str) -> str:
        return names.fixed_id(prefix, home, *more)

    vpc = Vpc(
        arn=names.arn(home, "vpc", identity("vpc")),
        home=home,
        id=identity("vpc"),
        cidr=cidr,
        is_default=True,
        dhcp_options_id=dhcp_options_id(home),
        network_acl_id=identity("acl"),
        dns_hostnames=True,
    )
    gateway = InternetGateway(
        arn=names.arn(home, "internet-gateway", identity("igw")), home=home, id=identity("igw"), vpc_arn=vpc.arn
    )
    outward = Route(destination=EVERYWHERE, target=gateway.id)
    group = default_group(vpc, identity("sg"))
    found: tuple[Any, ...] = (
        vpc,
        *_subnets(vpc),
        gateway,
        main_table(vpc, identity("rtb"), outward),
        group,
        *group_rules(group, identity("sgr", "in"), identity("sgr", "out")),
    )
    kinds = {type(record) for record in found}
    return Network({kind: {r.arn: r for r in found if type(r) is kind} for kind in kinds})


def dhcp_options_id(home: str) -> str:
    """Of the region's one set of options: VPCs have no other."""
    return names.fixed_id("dopt", home)


def _subnets(vpc: Vpc) -> list[Subnet]:
    return [
        default_subnet(vpc, names.fixed_id("subnet", vpc.home, zone), block, zone, zone_id)
        for zone, zone_id, block in zones_and_blocks(vpc)
    ]


def zones_and_blocks(vpc: Vpc) -> list[tuple[str, str, str]]:
    """Where a default VPC has subnets: the zone, its id, and the block of addresses."""
    zones = names.zones(names.region_of(vpc.home))
    blocks = IPv4Network(vpc.cidr).subnets(new_prefix=SUBNET_BITS)
    return [(zone, zone_id, str(block)) for (zone, zone_id), block in zip(zones, blocks, strict=False)]


def default_subnet(vpc: Vpc, identity: str, cidr: str, zone: str, zone_id: str) -> Subnet:
    return Subnet(
        arn=names.arn(vpc.home, "subnet", identity),
        home=vpc.home,
        id=identity,
        vpc_arn=vpc.arn,
        vpc_id=vpc.id,
        cidr=cidr,
        zone=zone,
        zone_id=zone_id,
        default_for_az=True,
        map_public_ip=True,
    )


def main_table(vpc: Vpc, identity: str, *more: Route) -> RouteTable:
    """The route table that subnets have unless they are given another."""
    return RouteTable(
        arn=names.arn(vpc.home, "route-table", identity),
        home=vpc.home,
        id=identity,
        vpc_arn=vpc.arn,
        vpc_id=vpc.id,
        routes=(local_route(vpc), *more),
        associations=(Association(id=names.derived("rtbassoc", identity)),),
    )


def local_route(vpc: Vpc) -> Route:
    return Route(destination=vpc.cidr, target="local", origin="CreateRouteTable")


def default_group(vpc: Vpc, identity: str) -> SecurityGroup:
    return SecurityGroup(
        arn=names.arn(vpc.home, "security-group", identity),
        home=vpc.home,
        id=identity,
        vpc_arn=vpc.arn,
        vpc_id=vpc.id,
        name=DEFAULT_GROUP,
        description=DEFAULT_GROUP_DESCRIPTION,
    )


def group_rules(group: SecurityGroup, inward_id: str, outward_id: str) -> list[SecurityGroupRule]:
    """A default group lets its own members in, and everything out."""
    inward = _everything(group, inward_id, egress=False, peer_arn=group.arn)
    return [inward, outward_rule(group, outward_id)]


def outward_rule(group: SecurityGroup, identity: str) -> SecurityGroupRule:
    """What every new group begins with."""
    return _everything(group, identity, egress=True, cidr=EVERYWHERE)


def _everything(group: SecurityGroup, identity: str, **peer: Any) -> SecurityGroupRule:
    return SecurityGroupRule(
        arn=names.arn(group.home, "security-group-rule", identity),
        home=group.home,
        id=identity,
        group_arn=group.arn,
        group_id=group.id,
        protocol="-1",
        **peer,
    )
