"""What the tasks of a network configuration find in EC2: subnets with their zones, security groups.

Source: Amazon ECS Developer Guide, "Allocate a network interface for an Amazon ECS task".
"""

from collections.abc import Callable, Mapping
from typing import Any

from podium import ec2
from podium.ecs.errors import InvalidParameter
from podium.kernel.errors import ClientError
from podium.store.session import Transaction

Configuration = Mapping[str, Any]
LOOKS: dict[str, Callable[..., list[Any]]] = {"subnet": ec2.subnets_of, "security group": ec2.find_groups}


def of(stored: Configuration | None) -> dict[str, Any]:
    """The awsvpcConfiguration; empty for tasks without a network interface of their own."""
    return dict((stored or {}).get("awsvpcConfiguration") or {})


def check(tx: Transaction, home: str, stored: Configuration | None) -> None:
    """Raises InvalidParameter, with EC2's own words, for what is not there or does not go together."""
    wanted = of(stored)
    if not wanted:
        return
    subnets = _found(tx, home, "subnet", wanted["subnets"])
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise InvalidParameter("All subnets must belong to the same VPC.")
    for group in _found(tx, home, "security group", wanted["securityGroups"]):
        if group.vpc_id != subnets[0].vpc_id:
            raise InvalidParameter(
                f"Security Group {group.id} does not appear to belong to the same VPC as the input subnets."
            )


def zones(tx: Transaction, home: str, network: Configuration) -> dict[str, str]:
    """The zone of each subnet that is still there, by its id."""
    found = ((identity, ec2.find_subnet(tx, home, identity)) for identity in network.get("subnets", ()))
    return {identity: subnet.zone for identity, subnet in found if subnet is not None}


def attachment(identity: str, interface: ec2.NetworkInterface) -> dict[str, Any]:
    """How a task tells of the interface that it has."""
    told = {
        "subnetId": interface.subnet_id,
        "networkInterfaceId": interface.id,
        "macAddress": interface.mac_address,
        "privateDnsName": interface.private_dns_name,
        "privateIPv4Address": interface.address,
    }
    details = [{"name": name, "value": value} for name, value in told.items()]
    return {"id": identity, "type": "ElasticNetworkInterface", "status": "ATTACHED", "details": details}


def _found(tx: Transaction, home: str, noun: str, identities: list[str]) -> list[Any]:
    look: Callable[[Transaction, str, list[str]], list[Any]] = LOOKS[noun]
    try:
        return look(tx, home, identities)
    except ClientError as error:
        asked = ", ".join(identities)
        raise InvalidParameter(
            f"Error retrieving {noun} information for [{asked}]: {error} (ErrorCode: {error.code})"
        ) from error
