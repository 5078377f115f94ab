"""Elastic IP addresses. There are no public addresses here, so that those given out are made up.

They come from 198.18.0.0/15, which RFC 2544 keeps for benchmarks and nobody routes: none can be mistaken for a real
one. Source: API Reference, AllocateAddress, ReleaseAddress, DescribeAddresses.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network

from podium.ec2 import lookups, names
from podium.ec2.errors import AddressInUse, AddressNotFound, AuthFailure, Missing
from podium.ec2.missing import AssociationNotFound
from podium.ec2.records import ElasticIp, Region
from podium.ec2.rules import asked, filters, pages, tags
from podium.ec2.rules.filters import TAGS, Look, fixed, of
from podium.ec2.service import Answer, Request, changes, reads
from podium.ec2.views import routes as views
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MADE_UP = IPv4Network("198.18.0.0/15")
_NEVER = ("Address", "CustomerOwnedIpv4Pool", "IpamPoolId")


@changes
def allocate_address(call: Call, tx: Transaction, request: Request) -> Answer:
    asked.refuse(request, *_NEVER, what="pools of addresses")
    asked.one_of(request, "Domain", ("vpc",), "vpc")
    asked.one_of(request, "PublicIpv4Pool", ("amazon",), "amazon")
    region = tx.get(Region, call.home) or Region(arn=call.home)
    number = region.public_addresses + 1
    tx.put(replace(region, public_addresses=number))
    identity = names.new_id(call.ids, "eipalloc")
    address = ElasticIp(
        arn=names.arn(call.home, "elastic-ip", identity),
        home=call.home,
        id=identity,
        public_ip=str(IPv4Address(int(MADE_UP.network_address) + number % MADE_UP.num_addresses)),
        tags=tags.specified(request, "elastic-ip"),
    )
    tx.put(address)
    return {
        "AllocationId": address.id,
        "PublicIp": address.public_ip,
        "PublicIpv4Pool": "amazon",
        "Domain": "vpc",
        "NetworkBorderGroup": call.region,
    }


@changes
def release_address(call: Call, tx: Transaction, request: Request) -> Answer:
    """Not while a NAT gateway or a load balancer has it."""
    if request.get("AllocationId"):
        address = lookups.named(tx, call.home, ElasticIp, request["AllocationId"])
    elif request.get("PublicIp"):
        address = _called(call, tx, request["PublicIp"])
    else:
        raise Missing("The request must contain the parameter allocationId")
    if address.in_use:
        raise AddressInUse(f"Address {address.public_ip} is in use.")
    tx.delete(address)
    return {}


@changes
def disassociate_address(call: Call, tx: Transaction, request: Request) -> Answer:
    """Who has an address, a NAT gateway or a load balancer, keeps it until it is deleted. Others ask to make sure."""
    identity, public_ip = request.get("AssociationId"), request.get("PublicIp")
    if not identity and not public_ip:
        raise Missing("The request must contain the parameter associationId")
    for address in lookups.every(tx, call.home, ElasticIp):
        meant = views.association_id(address.id) == identity or address.public_ip == public_ip
        if meant and address.in_use:
            raise AuthFailure
    raise AssociationNotFound(identity or public_ip or "")


def _called(call: Call, tx: Transaction, public_ip: str) -> ElasticIp:
    for address in lookups.every(tx, call.home, ElasticIp):
        if address.public_ip == public_ip:
            return address
    raise AddressNotFound(f"Address '{public_ip}' not found.")


@reads
def describe_addresses(call: Call, tx: Transaction, request: Request) -> Answer:
    if request.get("AllocationIds"):
        rows = lookups.several(tx, call.home, ElasticIp, request["AllocationIds"])
    elif request.get("PublicIps"):
        rows = [_called(call, tx, public_ip) for public_ip in dict.fromkeys(request["PublicIps"])]
    else:
        rows = lookups.every(tx, call.home, ElasticIp)
    found = filters.select(rows, request.get("Filters"), LOOKS)
    return {"Addresses": [views.elastic_ip(tx, row) for row in sorted(found, key=lambda row: row.id)]}


@reads
def describe_addresses_attribute(call: Call, tx: Transaction, request: Request) -> Answer:
    """Whose reverse DNS names were set: nobody's can be."""
    asked.one_of(request, "Attribute", ("domain-name",), "domain-name")
    named = request.get("AllocationIds")
    rows = lookups.several(tx, call.home, ElasticIp, named) if named else lookups.every(tx, call.home, ElasticIp)
    return pages.page(
        "Addresses",
        rows,
        request,
        lambda row: {"AllocationId": row.id, "PublicIp": row.public_ip},
        key=lambda row: row.id,
    )


LOOKS: Mapping[str, Look[ElasticIp]] = {
    "allocation-id": of("id"),
    "association-id": lambda row: (views.association_id(row.id) if row.nat_gateway_id else None,),
    "domain": fixed("vpc"),
    "instance-id": fixed(None),
    "network-border-group": lambda row: (names.region_of(row.home),),
    "public-ip": of("public_ip"),
    **TAGS,
}
