"""Network interfaces."""

from typing import Any

from podium.ec2 import lookups, names
from podium.ec2.records import Attachment, NetworkInterface, SecurityGroup, Vpc
from podium.ec2.views import tags
from podium.store.session import Transaction

Shown = dict[str, Any]


def interface(tx: Transaction, held: NetworkInterface, status: str | None = None) -> Shown:
    """A private DNS name is shown where the VPC gives its hosts names."""
    vpc = lookups.of_arn(tx, Vpc, held.vpc_arn)
    named = {"PrivateDnsName": held.private_dns_name} if vpc is not None and vpc.dns_hostnames else {}
    shown = {
        "NetworkInterfaceId": held.id,
        "InterfaceType": held.kind,
        "Status": status or held.status,
        "Description": held.description,
        "VpcId": held.vpc_id,
        "SubnetId": held.subnet_id,
        "AvailabilityZone": held.zone,
        "AvailabilityZoneId": held.zone_id,
        "MacAddress": held.mac_address,
        "PrivateIpAddress": held.address,
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": held.address, **named}],
        **named,
        "Ipv6Addresses": [],
        "Groups": groups(tx, held),
        "OwnerId": names.account_of(held.home),
        "RequesterManaged": held.requester is not None,
        "SourceDestCheck": held.source_dest_check,
        "Operator": {"Managed": False},
        "TagSet": tags(held.tags),
    }
    if held.requester is not None:
        shown["RequesterId"] = held.requester
    if held.attachment is not None:
        shown["Attachment"] = attachment(held.attachment)
    return shown


def groups(tx: Transaction, held: NetworkInterface) -> list[Shown]:
    found = [group for arn in held.group_arns if (group := lookups.of_arn(tx, SecurityGroup, arn)) is not None]
    return [{"GroupId": group.id, "GroupName": group.name} for group in found]


def attachment(held: Attachment) -> Shown:
    shown = {
        "AttachmentId": held.id,
        "AttachTime": held.attached_at,
        "DeleteOnTermination": held.delete_on_termination,
        "DeviceIndex": held.device_index,
        "NetworkCardIndex": 0,
        "InstanceOwnerId": held.instance_owner_id,
        "Status": "attached",
    }
    return {**shown, "InstanceId": held.instance_id} if held.instance_id else shown
