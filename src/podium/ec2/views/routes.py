"""Route tables and the gateways that routes lead to."""

from typing import Any

from podium.ec2 import lookups, names
from podium.ec2.records import (
    Association,
    ElasticIp,
    InternetGateway,
    NatGateway,
    NetworkInterface,
    Route,
    RouteTable,
)
from podium.ec2.views import tags
from podium.store.session import Transaction

Shown = dict[str, Any]


def table(tx: Transaction, held: RouteTable) -> Shown:
    return {
        "RouteTableId": held.id,
        "VpcId": held.vpc_id,
        "OwnerId": names.account_of(held.home),
        "Routes": [route(tx, held, each) for each in held.routes],
        "Associations": [association(held, each) for each in held.associations],
        "PropagatingVgws": [],
        "Tags": tags(held.tags),
    }


def route(tx: Transaction, held: RouteTable, each: Route) -> Shown:
    member = next((name for prefix, name in _TARGETS.items() if each.target.startswith(prefix)), "GatewayId")
    return {
        "DestinationCidrBlock": each.destination,
        member: each.target,
        "Origin": each.origin,
        "State": state(tx, held, each),
    }


_TARGETS = {"nat-": "NatGatewayId", "eni-": "NetworkInterfaceId"}


def state(tx: Transaction, held: RouteTable, each: Route) -> str:
    """A route whose target is gone, or attached elsewhere, leads nowhere."""
    if each.target == "local":
        return "active"
    if each.target.startswith("igw-"):
        gateway = lookups.find(tx, held.home, InternetGateway, each.target)
        there = gateway is not None and gateway.vpc_arn == held.vpc_arn
    else:
        kind: type[Any] = NatGateway if each.target.startswith("nat-") else NetworkInterface
        there = lookups.find(tx, held.home, kind, each.target) is not None
    return "active" if there else "blackhole"


def association(held: RouteTable, each: Association) -> Shown:
    shown: Shown = {
        "RouteTableAssociationId": each.id,
        "RouteTableId": held.id,
        "Main": each.subnet_id is None,
        "AssociationState": {"State": "associated"},
    }
    return {**shown, "SubnetId": each.subnet_id} if each.subnet_id is not None else shown


def internet_gateway(held: InternetGateway) -> Shown:
    attached = [{"State": "available", "VpcId": names.id_of(held.vpc_arn)}] if held.vpc_arn else []
    return {
        "InternetGatewayId": held.id,
        "Attachments": attached,
        "OwnerId": names.account_of(held.home),
        "Tags": tags(held.tags),
    }


def nat_gateway(held: NatGateway, state: str = "available") -> Shown:
    address: Shown = {
        "NetworkInterfaceId": held.interface_id,
        "PrivateIp": held.private_ip,
        "IsPrimary": True,
        "Status": "succeeded",
    }
    if held.allocation_id is not None:
        address |= {
            "AllocationId": held.allocation_id,
            "PublicIp": held.public_ip,
            "AssociationId": association_id(held.allocation_id),
        }
    return {
        "NatGatewayId": held.id,
        "State": state,
        "ConnectivityType": "public" if held.allocation_id else "private",
        "VpcId": held.vpc_id,
        "SubnetId": held.subnet_id,
        "NatGatewayAddresses": [address],
        "CreateTime": held.created_at,
        "Tags": tags(held.tags),
    }


def association_id(allocation_id: str) -> str:
    return names.derived("eipassoc", allocation_id)


def elastic_ip(tx: Transaction, held: ElasticIp) -> Shown:
    region = names.region_of(held.home)
    shown: Shown = {
        "AllocationId": held.id,
        "PublicIp": held.public_ip,
        "PublicIpv4Pool": "amazon",
        "Domain": "vpc",
        "NetworkBorderGroup": region,
        "Tags": tags(held.tags),
    }
    interface_id, private_ip = _holder(tx, held)
    if interface_id is not None:
        shown |= {
            "AssociationId": association_id(held.id),
            "NetworkInterfaceId": interface_id,
            "NetworkInterfaceOwnerId": names.account_of(held.home),
            "PrivateIpAddress": private_ip,
        }
    return shown


def _holder(tx: Transaction, held: ElasticIp) -> tuple[str | None, str | None]:
    """The interface that has the address, and its private one."""
    gateway = lookups.find(tx, held.home, NatGateway, held.nat_gateway_id) if held.nat_gateway_id else None
    if gateway is not None:
        return gateway.interface_id, gateway.private_ip
    interface = lookups.find(tx, held.home, NetworkInterface, held.interface_id) if held.interface_id else None
    return (interface.id, interface.address) if interface is not None else (None, None)
