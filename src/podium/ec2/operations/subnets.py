"""Subnets.

Source: API Reference, CreateSubnet, DeleteSubnet, DescribeSubnets, ModifySubnetAttribute, CreateDefaultSubnet.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network

from podium.ec2 import addressing, defaults, lookups, names
from podium.ec2.errors import (
    DefaultSubnetExists,
    DependencyViolation,
    Invalid,
    InvalidCombination,
    Missing,
    NoDefaultVpc,
    NoFreeBlock,
)
from podium.ec2.operations.describing import described
from podium.ec2.records import NetworkInterface, RouteTable, Subnet, Vpc
from podium.ec2.rules import asked, cidrs, tags
from podium.ec2.rules.filters import TAGS, Look, fixed, of
from podium.ec2.service import Answer, Request, changes, reads
from podium.ec2.views import vpcs as views
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

_SIX = ("Ipv6CidrBlock", "Ipv6Native", "Ipv6IpamPoolId", "Ipv6NetmaskLength")
_NEVER = ("EnableLniAtDeviceIndex", "CustomerOwnedIpv4Pool", "MapCustomerOwnedIpOnLaunch")
_SIX_ATTRIBUTES = ("AssignIpv6AddressOnCreation", "EnableDns64", "EnableResourceNameDnsAAAARecordOnLaunch")
_HOSTNAMES = ("ip-name", "resource-name")
_NOTHING_CHANGES = ("DisableLniAtDeviceIndex", *_SIX_ATTRIBUTES, "MapCustomerOwnedIpOnLaunch")


@changes
def create_subnet(call: Call, tx: Transaction, request: Request) -> Answer:
    """In the zone asked for; else in the one where the VPC has the fewest."""
    asked.refuse(request, *_SIX, what=asked.IPV6)
    asked.refuse(request, "Ipv4IpamPoolId", "Ipv4NetmaskLength", what="address manager")
    asked.refuse(request, "OutpostArn", what="Outposts")
    vpc = lookups.named(tx, call.home, Vpc, request["VpcId"])
    given = asked.required(request, "CidrBlock")
    others = lookups.every(tx, call.home, Subnet, vpc_arn=vpc.arn)
    cidr = cidrs.of_subnet(given, vpc.cidr, (other.cidr for other in others))
    zone, zone_id = _zone(call, request, others)
    identity = names.new_id(call.ids, "subnet")
    subnet = Subnet(
        arn=names.arn(call.home, "subnet", identity),
        home=call.home,
        id=identity,
        vpc_arn=vpc.arn,
        vpc_id=vpc.id,
        cidr=cidr,
        zone=zone,
        zone_id=zone_id,
        tags=tags.specified(request, "subnet"),
    )
    return {"Subnet": views.subnet(tx, tx.put(subnet))}


def _zone(call: Call, request: Request, others: Iterable[Subnet]) -> tuple[str, str]:
    zones = names.zones(call.region)
    name, identity = request.get("AvailabilityZone"), request.get("AvailabilityZoneId")
    if name and identity:
        raise InvalidCombination("You cannot specify both AvailabilityZone and AvailabilityZoneId")
    if not name and not identity:
        taken = Counter(other.zone for other in others)
        return min(zones, key=lambda zone: taken[zone[0]])
    for zone in zones:
        if name == zone[0] or identity == zone[1]:
            return zone
    member, given = ("availabilityZone", name) if name else ("availabilityZoneId", identity)
    allowed = ", ".join(zone[0 if name else 1] for zone in zones)
    raise Invalid(
        f"Value ({given}) for parameter {member} is invalid. Subnets can currently only be created in the following "
        f"availability zones: {allowed}."
    )


@changes
def create_default_subnet(call: Call, tx: Transaction, request: Request) -> Answer:
    """For a zone whose default subnet was deleted."""
    asked.refuse(request, "Ipv6Native", what=asked.IPV6)
    vpc = lookups.default_vpc(tx, call.home)
    if vpc is None:
        raise NoDefaultVpc("There is no default VPC in this region.")
    if not request.get("AvailabilityZone") and not request.get("AvailabilityZoneId"):
        raise Missing("The request must contain the parameter availabilityZone")
    zone, zone_id = _zone(call, request, ())
    others = lookups.every(tx, call.home, Subnet, vpc_arn=vpc.arn)
    if any(other.default_for_az and other.zone == zone for other in others):
        raise DefaultSubnetExists(f"A default subnet already exists in {zone}.")
    cidr = _free_block(vpc, others)
    subnet = defaults.default_subnet(vpc, names.new_id(call.ids, "subnet"), cidr, zone, zone_id)
    return {"Subnet": views.subnet(tx, tx.put(subnet))}


def _free_block(vpc: Vpc, others: Iterable[Subnet]) -> str:
    taken = [other.network for other in others]
    for block in IPv4Network(vpc.cidr).subnets(new_prefix=defaults.SUBNET_BITS):
        if not any(block.overlaps(network) for network in taken):
            return str(block)
    raise NoFreeBlock(f"The default VPC {vpc.id} has no free /{defaults.SUBNET_BITS} block.")


@changes
def delete_subnet(call: Call, tx: Transaction, request: Request) -> Answer:
    """Not while an interface is in it. Its association with a route table goes too."""
    subnet = lookups.named(tx, call.home, Subnet, request["SubnetId"])
    if lookups.every(tx, call.home, NetworkInterface, subnet_arn=subnet.arn):
        raise DependencyViolation(f"The subnet '{subnet.id}' has dependencies and cannot be deleted.")
    for table in lookups.every(tx, call.home, RouteTable, vpc_arn=subnet.vpc_arn):
        left = tuple(held for held in table.associations if held.subnet_id != subnet.id)
        tx.put(replace(table, associations=left))
    addressing.forget(tx, subnet)
    tx.delete(subnet)
    return {}


@reads
def describe_subnets(call: Call, tx: Transaction, request: Request) -> Answer:
    looks: Mapping[str, Look[Subnet]] = {
        **LOOKS,
        "available-ip-address-count": lambda subnet: (lookups.available(tx, subnet),),
    }
    return described(
        call,
        tx,
        request,
        Subnet,
        ids="SubnetIds",
        member="Subnets",
        looks=looks,
        view=lambda subnet: views.subnet(tx, subnet),
    )


LOOKS: Mapping[str, Look[Subnet]] = {
    "availability-zone": of("zone"),
    "availabilityZone": of("zone"),
    "availability-zone-id": of("zone_id"),
    "availabilityZoneId": of("zone_id"),
    "cidr": of("cidr"),
    "cidr-block": of("cidr"),
    "cidrBlock": of("cidr"),
    "default-for-az": of("default_for_az"),
    "defaultForAz": of("default_for_az"),
    "ipv6-native": fixed(False),
    "map-public-ip-on-launch": of("map_public_ip"),
    "owner-id": lambda subnet: (names.account_of(subnet.home),),
    "private-dns-name-options-on-launch.hostname-type": of("hostname_type"),
    "state": fixed("available"),
    "subnet-arn": of("arn"),
    "subnet-id": of("id"),
    "vpc-id": of("vpc_id"),
    **TAGS,
}


@changes
def modify_subnet_attribute(call: Call, tx: Transaction, request: Request) -> Answer:
    """One attribute at a time. What there is none of may be switched off."""
    subnet = lookups.named(tx, call.home, Subnet, request["SubnetId"])
    given = [name for name in request if name != "SubnetId"]
    if len(given) > 1:
        raise InvalidCombination("Fields for multiple attribute types specified")
    asked.refuse(request, *_SIX_ATTRIBUTES, what=asked.IPV6)
    asked.refuse(request, *_NEVER, what="Outposts")
    if "MapPublicIpOnLaunch" in request:
        tx.put(replace(subnet, map_public_ip=bool(request["MapPublicIpOnLaunch"].get("Value"))))
    elif "EnableResourceNameDnsARecordOnLaunch" in request:
        value = bool(request["EnableResourceNameDnsARecordOnLaunch"].get("Value"))
        tx.put(replace(subnet, dns_a_record=value))
    elif "PrivateDnsHostnameTypeOnLaunch" in request:
        kind = asked.one_of(request, "PrivateDnsHostnameTypeOnLaunch", _HOSTNAMES, "ip-name")
        tx.put(replace(subnet, hostname_type=kind))
    elif not any(name in request for name in _NOTHING_CHANGES):
        raise Missing("The request must contain the parameter mapPublicIpOnLaunch")
    return {}
