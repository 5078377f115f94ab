"""NAT gateways. They carry nothing: hosts lead their tasks out themselves. A deleted one is gone at once.

Source: API Reference, CreateNatGateway, DeleteNatGateway, DescribeNatGateways.
"""

from collections.abc import Mapping

from podium.ec2 import interfaces, lookups, names
from podium.ec2.errors import AlreadyAssociated, Invalid, Missing, NotAttached
from podium.ec2.operations import tokens
from podium.ec2.operations.describing import described
from podium.ec2.records import ElasticIp, InternetGateway, NatGateway, Subnet
from podium.ec2.rules import asked, tags
from podium.ec2.rules.filters import TAGS, Look, fixed, of
from podium.ec2.service import Answer, Request, changes, reads
from podium.ec2.views import routes as views
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

_SECOND = ("SecondaryAllocationIds", "SecondaryPrivateIpAddresses", "SecondaryPrivateIpAddressCount")
_REGIONAL = ("AvailabilityZoneAddresses",)
REQUESTER = "amazon-nat-gateway"


@changes
def create_nat_gateway(call: Call, tx: Transaction, request: Request) -> Answer:
    """The same client token gives the same gateway again."""
    asked.refuse(request, *_SECOND, what="second addresses")
    asked.refuse(request, *_REGIONAL, what="regional NAT gateways")
    asked.one_of(request, "AvailabilityMode", ("zonal",), "zonal")
    kind = asked.one_of(request, "ConnectivityType", ("public", "private"), "public")
    subnet = lookups.named(tx, call.home, Subnet, asked.required(request, "SubnetId"))
    given, token = tags.specified(request, "natgateway"), request.get("ClientToken")
    made = tokens.made_before(call, tx, NatGateway, token, subnet_id=subnet.id)
    if made is None:
        address = _address(call, tx, subnet, request) if kind == "public" else None
        if kind == "private" and request.get("AllocationId"):
            raise Invalid("AllocationId cannot be specified for a NAT gateway with connectivity type private")
        made = _made(call, tx, subnet, address, request.get("PrivateIpAddress"), token or "", given)
    return tokens.with_token({"NatGateway": views.nat_gateway(made, "pending")}, token)


def _made(
    call: Call,
    tx: Transaction,
    subnet: Subnet,
    address: ElasticIp | None,
    wanted: str | None,
    token: str,
    given: Mapping[str, str],
) -> NatGateway:
    identity = names.new_id(call.ids, "nat")
    interface = interfaces.create_interface(
        tx,
        call.home,
        call.ids,
        call.now,
        subnet_id=subnet.id,
        description=f"Interface for NAT Gateway {identity}",
        requester=REQUESTER,
        wanted=wanted,
    )
    interfaces.attach_interface(tx, call.home, call.ids, call.now, interface_id=interface.id, instance_id=None)
    if address is not None:
        tx.put(replace(address, nat_gateway_id=identity))
    return tx.put(
        NatGateway(
            arn=names.arn(call.home, "natgateway", identity),
            home=call.home,
            id=identity,
            vpc_arn=subnet.vpc_arn,
            vpc_id=subnet.vpc_id,
            subnet_id=subnet.id,
            interface_id=interface.id,
            private_ip=interface.address,
            allocation_id=address.id if address is not None else None,
            public_ip=address.public_ip if address is not None else None,
            client_token=token,
            tags=dict(given),
            created_at=call.now,
        )
    )


def _address(call: Call, tx: Transaction, subnet: Subnet, request: Request) -> ElasticIp:
    """A public gateway needs an address of its own, and a way out of the VPC."""
    if not request.get("AllocationId"):
        raise Missing("The request must contain the parameter allocationId")
    address = lookups.named(tx, call.home, ElasticIp, request["AllocationId"])
    if address.in_use:
        raise AlreadyAssociated(f"Elastic IP address [{address.id}] is already associated")
    if not any(gateway.vpc_arn == subnet.vpc_arn for gateway in lookups.every(tx, call.home, InternetGateway)):
        raise NotAttached(f"Network {subnet.vpc_id} has no Internet gateway attached")
    return address


@changes
def delete_nat_gateway(call: Call, tx: Transaction, request: Request) -> Answer:
    gateway = lookups.named(tx, call.home, NatGateway, request["NatGatewayId"])
    interfaces.release_interface(tx, call.home, gateway.interface_id)
    address = lookups.find(tx, call.home, ElasticIp, gateway.allocation_id) if gateway.allocation_id else None
    if address is not None:
        tx.put(replace(address, nat_gateway_id=None))
    tx.delete(gateway)
    return {"NatGatewayId": gateway.id}


@reads
def describe_nat_gateways(call: Call, tx: Transaction, request: Request) -> Answer:
    return described(
        call,
        tx,
        request,
        NatGateway,
        ids="NatGatewayIds",
        member="NatGateways",
        looks=LOOKS,
        view=views.nat_gateway,
        filtered_by="Filter",
    )


LOOKS: Mapping[str, Look[NatGateway]] = {
    "nat-gateway-id": of("id"),
    "state": fixed("available"),
    "subnet-id": of("subnet_id"),
    "vpc-id": of("vpc_id"),
    **TAGS,
}
