"""The records that ids mean: written ones, and the default network where it is not written yet.

Ids are those of one home: what another account or region has is not there.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from podium.ec2 import defaults, names
from podium.ec2.errors import Refusal
from podium.ec2.missing import (
    AllocationNotFound,
    GroupNotFound,
    InterfaceNotFound,
    InternetGatewayNotFound,
    NatGatewayNotFound,
    RouteTableNotFound,
    RuleNotFound,
    SubnetNotFound,
    VpcNotFound,
)
from podium.ec2.records import (
    ElasticIp,
    InternetGateway,
    Member,
    NatGateway,
    NetworkInterface,
    Pool,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    Vpc,
)
from podium.store.session import Transaction

R = TypeVar("R")
_RESERVED = 5  # the network's own address, router, name server, one for later, and broadcast

# What ARNs call each kind.
NOUNS: dict[type[Any], str] = {
    ElasticIp: "elastic-ip",
    InternetGateway: "internet-gateway",
    NatGateway: "natgateway",
    NetworkInterface: "network-interface",
    RouteTable: "route-table",
    SecurityGroup: "security-group",
    SecurityGroupRule: "security-group-rule",
    Subnet: "subnet",
    Vpc: "vpc",
}

NOT_FOUND: dict[type[Any], Callable[[str], Refusal]] = {
    ElasticIp: AllocationNotFound,
    InternetGateway: InternetGatewayNotFound,
    NatGateway: NatGatewayNotFound,
    NetworkInterface: InterfaceNotFound,
    RouteTable: RouteTableNotFound,
    SecurityGroup: GroupNotFound,
    SecurityGroupRule: RuleNotFound,
    Subnet: SubnetNotFound,
    Vpc: VpcNotFound,
}


def find(tx: Transaction, home: str, kind: type[R], identity: str) -> R | None:
    arn = names.arn(home, NOUNS[kind], identity)
    found = tx.get(kind, arn)
    if found is None and not defaults.settled(tx, home):
        found = defaults.network(home).rows.get(kind, {}).get(arn)
    return found


def named(tx: Transaction, home: str, kind: type[R], identity: str) -> R:
    """Raises the noun's own NotFound."""
    found = find(tx, home, kind, identity)
    if found is None:
        raise NOT_FOUND[kind](identity)
    return found


def every(tx: Transaction, home: str, kind: type[R], **where: Any) -> list[R]:
    """All of the home's whose fields equal `where`."""
    found = tx.list(kind, **(where or {"home": home}))
    if defaults.settled(tx, home):
        return found
    rows = defaults.network(home).rows.get(kind, {}).values()
    return [*(r for r in rows if all(getattr(r, n) == v for n, v in where.items())), *found]


def several(tx: Transaction, home: str, kind: type[R], identities: Iterable[str]) -> list[R]:
    """In the order of the ids; each once."""
    return [named(tx, home, kind, identity) for identity in dict.fromkeys(identities)]


def of_arn(tx: Transaction, kind: type[R], arn: str) -> R | None:
    _, partition, _, region, account, resource = arn.split(":", 5)
    return find(tx, f"{partition}:{region}:{account}", kind, names.id_of(resource))


def default_vpc(tx: Transaction, home: str) -> Vpc | None:
    return next((vpc for vpc in every(tx, home, Vpc) if vpc.is_default), None)


def default_subnets(tx: Transaction, home: str) -> list[Subnet]:
    """One for each zone that has one, in the order of the zones."""
    vpc = default_vpc(tx, home)
    found = every(tx, home, Subnet, vpc_arn=vpc.arn) if vpc is not None else []
    return sorted((s for s in found if s.default_for_az), key=lambda subnet: subnet.zone)


def default_group(tx: Transaction, home: str, vpc_id: str) -> SecurityGroup:
    """The group of interfaces that are given none. It cannot be deleted but with its VPC."""
    vpc = named(tx, home, Vpc, vpc_id)
    return next(g for g in every(tx, home, SecurityGroup, vpc_arn=vpc.arn) if g.is_default)


def main_table(tx: Transaction, vpc: Vpc) -> RouteTable:
    return next(t for t in every(tx, vpc.home, RouteTable, vpc_arn=vpc.arn) if t.is_main)


def rules_of(tx: Transaction, group: SecurityGroup) -> list[SecurityGroupRule]:
    return every(tx, group.home, SecurityGroupRule, group_arn=group.arn)


def rules_naming(tx: Transaction, group: SecurityGroup) -> list[SecurityGroupRule]:
    """Rules, of this and of other groups, that let `group` in or out."""
    return every(tx, group.home, SecurityGroupRule, peer_arn=group.arn)


def members(tx: Transaction, group_arn: str) -> list[Member]:
    return tx.list(Member, group_arn=group_arn)


def pool(tx: Transaction, subnet: Subnet) -> Pool:
    return tx.get(Pool, subnet.arn) or Pool(arn=subnet.arn)


def capacity(subnet: Subnet) -> int:
    """How many addresses AWS leaves to interfaces: all but the first four and the last."""
    return int(subnet.network.num_addresses) - _RESERVED


def available(tx: Transaction, subnet: Subnet) -> int:
    return capacity(subnet) - pool(tx, subnet).used
