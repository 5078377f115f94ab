"""Networks, subnets, security groups and interfaces. What other services use of them is named here.

All of it happens inside one home (partition, region and account), which comes first after the transaction: ids of
another home are not found.
"""

from collections.abc import Iterable, Sequence

from podium.ec2 import lookups
from podium.ec2.defaults import settle
from podium.ec2.errors import AddressInUse, Invalid, NoFreeAddresses, Refusal
from podium.ec2.firewalls import GroupRules, Permission, affected, firewall
from podium.ec2.interfaces import attach_interface, create_interface, recover_interface, regroup, release_interface
from podium.ec2.lookups import available, default_group, default_subnets
from podium.ec2.records import (
    ElasticIp,
    InternetGateway,
    Member,
    NetworkInterface,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    Vpc,
)
from podium.store.records import replace
from podium.store.session import Transaction


def find_vpc(tx: Transaction, home: str, vpc_id: str) -> Vpc | None:
    return lookups.find(tx, home, Vpc, vpc_id)


def find_subnet(tx: Transaction, home: str, subnet_id: str) -> Subnet | None:
    return lookups.find(tx, home, Subnet, subnet_id)


def find_interface(tx: Transaction, home: str, interface_id: str) -> NetworkInterface | None:
    return lookups.find(tx, home, NetworkInterface, interface_id)


def find_elastic_ip(tx: Transaction, home: str, allocation_id: str) -> ElasticIp | None:
    return lookups.find(tx, home, ElasticIp, allocation_id)


def hold_elastic_ip(tx: Transaction, home: str, allocation_id: str, interface_id: str | None) -> None:
    """It is this interface's from now on; None gives it back. One that is gone is passed over."""
    if (held := find_elastic_ip(tx, home, allocation_id)) is not None:
        tx.put(replace(held, interface_id=interface_id))


def has_internet_gateway(tx: Transaction, vpc: Vpc) -> bool:
    return any(gateway.vpc_arn == vpc.arn for gateway in lookups.every(tx, vpc.home, InternetGateway))


def subnets_in(tx: Transaction, home: str, vpc_id: str) -> list[Subnet]:
    vpc = lookups.find(tx, home, Vpc, vpc_id)
    return lookups.every(tx, home, Subnet, vpc_arn=vpc.arn) if vpc is not None else []


def regroup_interface(tx: Transaction, home: str, interface_id: str, group_ids: Sequence[str]) -> NetworkInterface:
    """Exchange its security groups. Raises what `create_interface` does of groups."""
    return regroup(tx, lookups.named(tx, home, NetworkInterface, interface_id), group_ids)


def subnets_of(tx: Transaction, home: str, subnet_ids: Iterable[str]) -> list[Subnet]:
    """Each once, in the order of the ids. Raises Refusal, whose `code` is InvalidSubnetID.NotFound."""
    return lookups.several(tx, home, Subnet, subnet_ids)


def find_groups(tx: Transaction, home: str, group_ids: Iterable[str]) -> list[SecurityGroup]:
    """Each once, in the order of the ids. Raises Refusal, whose `code` is InvalidGroup.NotFound."""
    return lookups.several(tx, home, SecurityGroup, group_ids)


def members_of(tx: Transaction, home: str, group_ids: Iterable[str]) -> set[str]:
    """The ids of the interfaces that are in any of the groups."""
    groups = (lookups.find(tx, home, SecurityGroup, identity) for identity in group_ids)
    arns = {m.interface_arn for group in groups if group is not None for m in lookups.members(tx, group.arn)}
    return {arn.rpartition("/")[2] for arn in arns}


__all__ = [
    "AddressInUse",
    "ElasticIp",
    "GroupRules",
    "Invalid",
    "Member",
    "NetworkInterface",
    "NoFreeAddresses",
    "Permission",
    "Refusal",
    "SecurityGroup",
    "SecurityGroupRule",
    "Subnet",
    "Vpc",
    "affected",
    "attach_interface",
    "available",
    "create_interface",
    "default_group",
    "default_subnets",
    "find_elastic_ip",
    "find_groups",
    "find_interface",
    "find_subnet",
    "find_vpc",
    "firewall",
    "has_internet_gateway",
    "hold_elastic_ip",
    "members_of",
    "recover_interface",
    "regroup_interface",
    "release_interface",
    "settle",
    "subnets_in",
    "subnets_of",
]
