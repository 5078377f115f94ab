"""Internet gateways. They carry nothing: hosts lead their tasks out themselves.

Source: API Reference, CreateInternetGateway, AttachInternetGateway, DetachInternetGateway.
"""

from collections.abc import Mapping

from podium.ec2 import lookups, names
from podium.ec2.errors import AlreadyAssociated, DependencyViolation, Invalid, NotAttached
from podium.ec2.operations.describing import described
from podium.ec2.records import InternetGateway, NatGateway, Vpc
from podium.ec2.rules import tags
from podium.ec2.rules.filters import TAGS, Look, of
from podium.ec2.service import Answer, Request, changes, reads
from podium.ec2.views import routes as views
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


@changes
def create_internet_gateway(call: Call, tx: Transaction, request: Request) -> Answer:
    identity = names.new_id(call.ids, "igw")
    gateway = InternetGateway(
        arn=names.arn(call.home, "internet-gateway", identity),
        home=call.home,
        id=identity,
        tags=tags.specified(request, "internet-gateway"),
    )
    return {"InternetGateway": views.internet_gateway(tx.put(gateway))}


@changes
def attach_internet_gateway(call: Call, tx: Transaction, request: Request) -> Answer:
    """A gateway is in one VPC, and a VPC has one gateway."""
    gateway = lookups.named(tx, call.home, InternetGateway, request["InternetGatewayId"])
    vpc = lookups.named(tx, call.home, Vpc, request["VpcId"])
    if gateway.vpc_arn is not None:
        raise AlreadyAssociated(
            f"resource {gateway.id} is already attached to network {names.id_of(gateway.vpc_arn)}",
        )
    if any(other.vpc_arn == vpc.arn for other in lookups.every(tx, call.home, InternetGateway)):
        raise Invalid(f"Network {vpc.id} already has an internet gateway attached")
    tx.put(replace(gateway, vpc_arn=vpc.arn))
    return {}


@changes
def detach_internet_gateway(call: Call, tx: Transaction, request: Request) -> Answer:
    """Not while public addresses lead through it. Routes to it lead nowhere from now on."""
    gateway = lookups.named(tx, call.home, InternetGateway, request["InternetGatewayId"])
    vpc = lookups.named(tx, call.home, Vpc, request["VpcId"])
    if gateway.vpc_arn != vpc.arn:
        raise NotAttached(f"resource {gateway.id} is not attached to network {vpc.id}")
    if any(nat.allocation_id for nat in lookups.every(tx, call.home, NatGateway, vpc_arn=vpc.arn)):
        raise DependencyViolation(
            f"Network {vpc.id} has some mapped public address(es). Please unmap those public address(es) before "
            "detaching the gateway."
        )
    tx.put(replace(gateway, vpc_arn=None))
    return {}


@changes
def delete_internet_gateway(call: Call, tx: Transaction, request: Request) -> Answer:
    gateway = lookups.named(tx, call.home, InternetGateway, request["InternetGatewayId"])
    if gateway.vpc_arn is not None:
        raise DependencyViolation(f"The internetGateway '{gateway.id}' has dependencies and cannot be deleted.")
    tx.delete(gateway)
    return {}


@reads
def describe_internet_gateways(call: Call, tx: Transaction, request: Request) -> Answer:
    return described(
        call,
        tx,
        request,
        InternetGateway,
        ids="InternetGatewayIds",
        member="InternetGateways",
        looks=LOOKS,
        view=views.internet_gateway,
    )


LOOKS: Mapping[str, Look[InternetGateway]] = {
    "attachment.state": lambda gateway: ("available" if gateway.vpc_arn else None,),
    "attachment.vpc-id": lambda gateway: (names.id_of(gateway.vpc_arn) if gateway.vpc_arn else None,),
    "internet-gateway-id": of("id"),
    "owner-id": lambda gateway: (names.account_of(gateway.home),),
    **TAGS,
}
