"""Network interfaces, the account's own and those that services have made for it.

Source: API Reference, CreateNetworkInterface, DescribeNetworkInterfaces; Amazon EC2 User Guide, "Requester-managed
network interfaces".
"""

from collections.abc import Mapping

from podium.ec2 import interfaces, lookups, names
from podium.ec2.errors import AuthFailure, Invalid, Missing, NotPermitted, Unsupported
from podium.ec2.missing import AttachmentNotFound
from podium.ec2.operations import security_groups, tokens
from podium.ec2.operations.describing import described
from podium.ec2.records import NetworkInterface
from podium.ec2.rules import asked, tags
from podium.ec2.rules.filters import TAGS, Look, fixed, of
from podium.ec2.service import Answer, Request, changes, reads
from podium.ec2.views import interfaces as views
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

_SIX = ("Ipv6Addresses", "Ipv6AddressCount", "Ipv6Prefixes", "Ipv6PrefixCount", "EnablePrimaryIpv6")
_SECOND = ("Ipv4Prefixes", "Ipv4PrefixCount", "SecondaryPrivateIpAddressCount")
LONGEST_DESCRIPTION = 255


@changes
def create_network_interface(call: Call, tx: Transaction, request: Request) -> Answer:
    """The same client token gives the same interface again."""
    asked.refuse(request, *_SIX, what=asked.IPV6)
    asked.refuse(request, *_SECOND, what="second addresses")
    asked.one_of(request, "InterfaceType", ("interface",), "interface")
    given, token = tags.specified(request, "network-interface"), request.get("ClientToken")
    made = tokens.made_before(call, tx, NetworkInterface, token, subnet_id=request["SubnetId"])
    if made is None:
        made = interfaces.create_interface(
            tx,
            call.home,
            call.ids,
            call.now,
            subnet_id=request["SubnetId"],
            group_ids=[security_groups.by_id(call, tx, identity).id for identity in request.get("Groups") or ()],
            description=_description(request.get("Description") or ""),
            tags=given,
            wanted=_wanted(request),
            client_token=token or "",
        )
    return tokens.with_token({"NetworkInterface": views.interface(tx, made, "pending")}, token)


def _description(given: str) -> str:
    if len(given) > LONGEST_DESCRIPTION:
        raise Invalid(f"Description cannot be longer than {LONGEST_DESCRIPTION} characters")
    return given


def _wanted(request: Request) -> str | None:
    """The address asked for, in either of the two ways to do so."""
    listed = [
        item["PrivateIpAddress"] for item in request.get("PrivateIpAddresses") or () if "PrivateIpAddress" in item
    ]
    given = [*([request["PrivateIpAddress"]] if request.get("PrivateIpAddress") else []), *listed]
    if len(set(given)) > 1:
        raise Unsupported("Podium's networks have no second addresses of an interface.")
    return given[0] if given else None


@changes
def delete_network_interface(call: Call, tx: Transaction, request: Request) -> Answer:
    """Not while it is attached, and not what a service will attach."""
    interface = lookups.named(tx, call.home, NetworkInterface, request["NetworkInterfaceId"])
    if interface.attachment is not None:
        raise Invalid(f"Network interface '{interface.id}' is currently in use.")
    own(call, tx, interface.id)
    interfaces.release_interface(tx, call.home, interface.id)
    return {}


def own(call: Call, tx: Transaction, identity: str) -> NetworkInterface:
    """Raises AuthFailure for one that a service manages, as AWS does."""
    interface = lookups.named(tx, call.home, NetworkInterface, identity)
    if interface.requester is not None:
        raise AuthFailure
    return interface


@changes
def detach_network_interface(call: Call, tx: Transaction, request: Request) -> Answer:
    """Services alone attach interfaces here, and what they attached they alone detach."""
    for interface in lookups.every(tx, call.home, NetworkInterface):
        if interface.attachment is not None and interface.attachment.id == request["AttachmentId"]:
            raise NotPermitted("You are not allowed to manage 'ela-attach' attachments.")
    raise AttachmentNotFound(request["AttachmentId"])


@changes
def modify_network_interface_attribute(call: Call, tx: Transaction, request: Request) -> Answer:
    interface = own(call, tx, request["NetworkInterfaceId"])
    asked.refuse(request, "EnablePrimaryIpv6", what=asked.IPV6)
    asked.refuse(request, "AssociatePublicIpAddress", what="public addresses")
    asked.refuse(request, "Attachment", "EnaSrdSpecification", "AssociatedSubnetIds", what="such thing")
    if "Groups" in request:
        if not request["Groups"]:
            raise Missing("The request must contain the parameter securityGroupId")
        ids = [security_groups.by_id(call, tx, identity).id for identity in request["Groups"]]
        interface = interfaces.regroup(tx, interface, ids)
    if "Description" in request:
        interface = replace(interface, description=_description(request["Description"].get("Value") or ""))
    if "SourceDestCheck" in request:
        interface = replace(interface, source_dest_check=bool(request["SourceDestCheck"].get("Value")))
    tx.put(interface)
    return {}


@reads
def describe_network_interface_attribute(call: Call, tx: Transaction, request: Request) -> Answer:
    interface, wanted = (
        lookups.named(tx, call.home, NetworkInterface, request["NetworkInterfaceId"]),
        request.get("Attribute"),
    )
    shown: Answer = {"NetworkInterfaceId": interface.id}
    if wanted == "description":
        shown["Description"] = {"Value": interface.description}
    elif wanted == "groupSet":
        shown["Groups"] = views.groups(tx, interface)
    elif wanted == "sourceDestCheck":
        shown["SourceDestCheck"] = {"Value": interface.source_dest_check}
    elif wanted == "attachment":
        shown |= {"Attachment": views.attachment(interface.attachment)} if interface.attachment else {}
    else:
        raise Invalid(f"Value ({wanted}) for parameter attribute is invalid. Unknown attribute.")
    return shown


@reads
def describe_network_interfaces(call: Call, tx: Transaction, request: Request) -> Answer:
    def group_names(interface: NetworkInterface) -> list[str]:
        return [group["GroupName"] for group in views.groups(tx, interface)]

    return described(
        call,
        tx,
        request,
        NetworkInterface,
        ids="NetworkInterfaceIds",
        member="NetworkInterfaces",
        looks={**LOOKS, "group-name": group_names},
        view=lambda interface: views.interface(tx, interface),
    )


LOOKS: Mapping[str, Look[NetworkInterface]] = {
    "addresses.primary": fixed(True),
    "addresses.private-ip-address": of("address"),
    "association.allocation-id": fixed(None),
    "association.public-ip": fixed(None),
    "attachment.attachment-id": of("attachment", "id"),
    "attachment.delete-on-termination": of("attachment", "delete_on_termination"),
    "attachment.device-index": of("attachment", "device_index"),
    "attachment.instance-id": of("attachment", "instance_id"),
    "attachment.instance-owner-id": of("attachment", "instance_owner_id"),
    "attachment.status": lambda interface: ("attached" if interface.attachment else None,),
    "availability-zone": of("zone"),
    "availability-zone-id": of("zone_id"),
    "description": of("description"),
    "group-id": lambda interface: interface.group_ids,
    "interface-type": of("kind"),
    "mac-address": of("mac_address"),
    "network-interface-id": of("id"),
    "owner-id": lambda interface: (names.account_of(interface.home),),
    "private-dns-name": of("private_dns_name"),
    "private-ip-address": of("address"),
    "requester-id": of("requester"),
    "requester-managed": lambda interface: (interface.requester is not None,),
    "source-dest-check": of("source_dest_check"),
    "status": of("status"),
    "subnet-id": of("subnet_id"),
    "vpc-id": of("vpc_id"),
    **TAGS,
}
