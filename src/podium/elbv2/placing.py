"""Where a load balancer is: its subnets and security groups, and what it has in each of its zones.

Source: Elastic Load Balancing API Reference, CreateLoadBalancer, SetSubnets and SetSecurityGroups.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from podium import ec2
from podium.elbv2 import names, pools
from podium.elbv2.errors import (
    AllocationIdNotFound,
    Invalid,
    InvalidConfiguration,
    InvalidSecurityGroup,
    InvalidSubnet,
    NotYet,
    ResourceInUse,
    SubnetNotFound,
)
from podium.elbv2.records import LoadBalancer, Zone
from podium.kernel.ids import Ids
from podium.store.session import Transaction

INTERNAL, INTERNET_FACING = "internal", "internet-facing"
REQUESTER = "amazon-elb"
LEAST_ZONES = {"application": 2, "network": 1}


@dataclass(frozen=True, slots=True)
class Place:
    """A subnet to be in, and the addresses that the user wants there."""

    subnet: ec2.Subnet
    private: str | None = None
    elastic: ec2.ElasticIp | None = None


def places(tx: Transaction, home: str, kind: str, scheme: str, request: Mapping[str, Any]) -> list[Place]:
    """Where the request's `Subnets` or `SubnetMappings` are. Raises what is wrong with them."""
    mappings = _mappings(request)
    subnets = _subnets(tx, home, [mapping["SubnetId"] for mapping in mappings])
    _go_together(kind, subnets)
    return [_place(tx, kind, scheme, subnet, mapping) for subnet, mapping in zip(subnets, mappings, strict=True)]


def _mappings(request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    subnets, mappings = request.get("Subnets") or (), request.get("SubnetMappings") or ()
    if subnets and mappings:
        raise Invalid("You must specify either subnets or subnet mappings, not both")
    found = [*mappings, *({"SubnetId": identity} for identity in subnets)]
    if not found:
        raise Invalid("At least one subnet must be specified")
    identities = [mapping.get("SubnetId") or "" for mapping in found]
    if "" in identities:
        raise Invalid("A subnet ID must be specified")
    if len(set(identities)) < len(identities):
        raise Invalid("A subnet cannot be specified more than once")
    allocations = [mapping["AllocationId"] for mapping in found if mapping.get("AllocationId")]
    if len(set(allocations)) < len(allocations):
        raise Invalid("An allocation ID cannot be specified more than once")
    return found


def _subnets(tx: Transaction, home: str, identities: list[str]) -> list[ec2.Subnet]:
    try:
        return ec2.subnets_of(tx, home, identities)
    except ec2.Refusal as error:
        raise SubnetNotFound(str(error)) from error


def _go_together(kind: str, subnets: Sequence[ec2.Subnet]) -> None:
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise InvalidConfiguration("All subnets must belong to the same VPC")
    zones = {subnet.zone for subnet in subnets}
    if len(zones) < len(subnets):
        raise InvalidConfiguration(
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        )
    if len(zones) < LEAST_ZONES[kind]:
        raise Invalid("At least two subnets in two different Availability Zones must be specified")


def _place(tx: Transaction, kind: str, scheme: str, subnet: ec2.Subnet, mapping: Mapping[str, Any]) -> Place:
    private, allocation = mapping.get("PrivateIPv4Address"), mapping.get("AllocationId")
    if mapping.get("IPv6Address") or mapping.get("SourceNatIpv6Prefix"):
        raise InvalidConfiguration("You must specify subnets with an associated IPv6 CIDR block.")
    if kind != "network" and (private or allocation):
        raise InvalidConfiguration("Addresses can only be specified for the subnets of network load balancers")
    if private and scheme != INTERNAL:
        raise InvalidConfiguration("Private IPv4 addresses can only be specified for internal load balancers")
    if allocation and scheme == INTERNAL:
        raise InvalidConfiguration("Allocation IDs cannot be specified for internal load balancers")
    return Place(subnet, private, _elastic(tx, subnet.home, allocation) if allocation else None)


def _elastic(tx: Transaction, home: str, identity: str) -> ec2.ElasticIp:
    found = ec2.find_elastic_ip(tx, home, identity)
    if found is None:
        raise AllocationIdNotFound(identity)
    if found.in_use:
        raise ResourceInUse(f"The allocation ID '{identity}' is in use")
    return found


def groups(tx: Transaction, home: str, kind: str, vpc_id: str, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """The security groups of a load balancer that asks for these: an application's has at least the default one."""
    if not wanted:
        return () if kind == "network" else (ec2.default_group(tx, home, vpc_id).id,)
    try:
        found = ec2.find_groups(tx, home, wanted)
    except ec2.Refusal as error:
        raise InvalidSecurityGroup(str(error)) from error
    if any(group.vpc_id != vpc_id for group in found):
        raise InvalidConfiguration("One or more security groups are invalid")
    return tuple(group.id for group in found)


def reachable(tx: Transaction, home: str, scheme: str, vpc_id: str) -> None:
    """Raises InvalidSubnet for an internet-facing load balancer in a VPC that no packet leaves."""
    vpc = ec2.find_vpc(tx, home, vpc_id)
    assert vpc is not None, f"subnets are in {vpc_id}, which is gone"
    if scheme == INTERNET_FACING and not ec2.has_internet_gateway(tx, vpc):
        raise InvalidSubnet(f"VPC {vpc_id} has no internet gateway")


def ipv4_only(ip_address_type: str | None) -> None:
    """Podium's networks have no IPv6."""
    if ip_address_type not in (None, "ipv4"):
        raise InvalidConfiguration("You must specify subnets with an associated IPv6 CIDR block.")


def settled(
    tx: Transaction, ids: Ids, now: datetime, balancer: LoadBalancer, wanted: Iterable[Place]
) -> tuple[Zone, ...]:
    """Its zones once it is in these places: those that it leaves are given back, and new ones taken."""
    wanted = list(wanted)
    stay = {zone.subnet_id: zone for zone in balancer.zones}
    vacate(tx, balancer.home, (z for s, z in stay.items() if s not in {place.subnet.id for place in wanted}))
    return tuple(stay.get(place.subnet.id) or _taken(tx, ids, now, balancer, place) for place in wanted)


def _taken(tx: Transaction, ids: Ids, now: datetime, balancer: LoadBalancer, place: Place) -> Zone:
    interface = _interface(tx, ids, now, balancer, place)
    elastic, public = place.elastic, None
    if elastic is not None:
        ec2.hold_elastic_ip(tx, balancer.home, elastic.id, interface.id)
    if balancer.scheme == INTERNET_FACING:
        public = pools.take(tx, balancer.home, balancer.arn, elastic.public_ip if elastic else None)
    return Zone(
        name=place.subnet.zone,
        subnet_id=place.subnet.id,
        interface_id=interface.id,
        address=interface.address,
        public_address=public,
        allocation_id=elastic.id if elastic else None,
        elastic_address=elastic.public_ip if elastic else None,
        private_wanted=place.private is not None,
    )


def _interface(tx: Transaction, ids: Ids, now: datetime, balancer: LoadBalancer, place: Place) -> ec2.NetworkInterface:
    try:
        made = ec2.create_interface(
            tx,
            balancer.home,
            ids,
            now,
            subnet_id=place.subnet.id,
            group_ids=balancer.security_group_ids,
            description=f"ELB {names.full_name(balancer.arn)}",
            requester=REQUESTER,
            wanted=place.private,
        )
    except ec2.NoFreeAddresses as error:
        raise InvalidSubnet(f"Not enough IP space available in {place.subnet.id}.") from error
    except ec2.Refusal as error:
        raise InvalidConfiguration(str(error)) from error
    return ec2.attach_interface(tx, balancer.home, ids, now, interface_id=made.id, instance_id=None)


def vacate(tx: Transaction, home: str, zones: Iterable[Zone]) -> None:
    """Give back what a load balancer has in these zones."""
    for zone in zones:
        ec2.release_interface(tx, home, zone.interface_id)
        if zone.public_address is not None:
            pools.give_back(tx, home, zone.public_address)
        if zone.allocation_id is not None:
            ec2.hold_elastic_ip(tx, home, zone.allocation_id, None)


def regroup(tx: Transaction, balancer: LoadBalancer, group_ids: Sequence[str]) -> None:
    for zone in balancer.zones:
        try:
            ec2.regroup_interface(tx, balancer.home, zone.interface_id, group_ids)
        except ec2.Refusal as error:
            raise InvalidConfiguration(str(error)) from error


Networks = list[tuple[IPv4Network, str]]


def networks(tx: Transaction, home: str, vpc_id: str | None) -> Networks:
    """The blocks of a VPC's subnets, each with its zone."""
    return [(subnet.network, subnet.zone) for subnet in ec2.subnets_in(tx, home, vpc_id)] if vpc_id else []


def zone_of(networks: Networks, id: str, given: str) -> str:
    """The zone of a target: the one it was registered with, or that of the subnet that its address is in, or empty."""
    if given:
        return given
    try:
        address = IPv4Address(id)
    except ValueError:
        return ""
    return next((zone for network, zone in networks if address in network), "")


def no_pools(request: Mapping[str, Any]) -> None:
    if (request.get("IpamPools") or {}).get("Ipv4IpamPoolId"):
        raise NotYet("IPAM pools")
    if request.get("CustomerOwnedIpv4Pool"):
        raise NotYet("customer-owned address pools")
    if request.get("EnablePrefixForIpv6SourceNat") == "on":
        raise NotYet("source NAT of IPv6 prefixes")
