"""What each EC2 operation asks to be allowed: actions, resources, and the condition keys that belong to them.

Importing this module registers it.
Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2"; Amazon EC2 User
Guide, "Grant permission to tag resources on creation".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podium.ec2 import lookups, names
from podium.ec2.records import NetworkInterface, RouteTable, SecurityGroup
from podium.ec2.service import ec2
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.store.session import Transaction

Request = Mapping[str, Any]
Context = dict[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`makes` is the noun of what is made and has no id yet; `about` are the members that name what is there."""

    makes: str | None = None
    about: tuple[str, ...] = ()


NOUNS = {
    "AllocationId": "elastic-ip",
    "AllocationIds": "elastic-ip",
    "GroupId": "security-group",
    "Groups": "security-group",
    "InternetGatewayId": "internet-gateway",
    "NatGatewayId": "natgateway",
    "NetworkInterfaceId": "network-interface",
    "RouteTableId": "route-table",
    "SecurityGroupRuleIds": "security-group-rule",
    "SubnetId": "subnet",
    "VpcId": "vpc",
}
_GROUP = ("GroupId", "GroupName")
_GROUP_AND_RULES = (*_GROUP, "SecurityGroupRuleIds")
_TABLE = Rule(about=("RouteTableId",))
_GATEWAY_AND_VPC = Rule(about=("InternetGatewayId", "VpcId"))

# Operations that are not here ask for all resources, as do those that name none.
RULES: dict[str, Rule] = {
    "AllocateAddress": Rule("elastic-ip"),
    "AssociateRouteTable": Rule(about=("RouteTableId", "SubnetId")),
    "AttachInternetGateway": _GATEWAY_AND_VPC,
    "AuthorizeSecurityGroupEgress": Rule("security-group-rule", _GROUP),
    "AuthorizeSecurityGroupIngress": Rule("security-group-rule", _GROUP),
    "CreateInternetGateway": Rule("internet-gateway"),
    "CreateNatGateway": Rule("natgateway", ("SubnetId", "AllocationId")),
    "CreateNetworkInterface": Rule("network-interface", ("SubnetId", "Groups")),
    "CreateRoute": _TABLE,
    "CreateRouteTable": Rule("route-table", ("VpcId",)),
    "CreateSecurityGroup": Rule("security-group", ("VpcId",)),
    "CreateSubnet": Rule("subnet", ("VpcId",)),
    "CreateTags": Rule(about=("Resources",)),
    "CreateVpc": Rule("vpc"),
    "DeleteInternetGateway": Rule(about=("InternetGatewayId",)),
    "DeleteNatGateway": Rule(about=("NatGatewayId",)),
    "DeleteNetworkInterface": Rule(about=("NetworkInterfaceId",)),
    "DeleteRoute": _TABLE,
    "DeleteRouteTable": _TABLE,
    "DeleteSecurityGroup": Rule(about=_GROUP),
    "DeleteSubnet": Rule(about=("SubnetId",)),
    "DeleteTags": Rule(about=("Resources",)),
    "DeleteVpc": Rule(about=("VpcId",)),
    "DescribeAddressesAttribute": Rule(about=("AllocationIds",)),
    "DescribeNetworkInterfaceAttribute": Rule(about=("NetworkInterfaceId",)),
    "DescribeVpcAttribute": Rule(about=("VpcId",)),
    "DisassociateAddress": Rule(about=("AssociationId",)),
    "DetachInternetGateway": _GATEWAY_AND_VPC,
    "DetachNetworkInterface": Rule(about=("AttachmentId",)),
    "DisassociateRouteTable": Rule(about=("AssociationId",)),
    "ModifyNetworkInterfaceAttribute": Rule(about=("NetworkInterfaceId", "Groups")),
    "ModifySecurityGroupRules": Rule(about=("GroupId", "SecurityGroupRules")),
    "ModifySubnetAttribute": Rule(about=("SubnetId",)),
    "ModifyVpcAttribute": Rule(about=("VpcId",)),
    "ReleaseAddress": Rule(about=("AllocationId",)),
    "ReplaceRoute": _TABLE,
    "ReplaceRouteTableAssociation": Rule(about=("AssociationId", "RouteTableId")),
    "RevokeSecurityGroupEgress": Rule(about=_GROUP_AND_RULES),
    "RevokeSecurityGroupIngress": Rule(about=_GROUP_AND_RULES),
    "UpdateSecurityGroupRuleDescriptionsEgress": Rule(about=_GROUP),
    "UpdateSecurityGroupRuleDescriptionsIngress": Rule(about=_GROUP),
}


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    return tuple(_asks(call, tx, operation, request))


def _asks(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    rule, given = RULES.get(operation, Rule()), _of_tags(request)
    said: Context = {"ec2:Region": call.region, **given}
    resources = list(dict.fromkeys(_named(call, tx, rule, request)))
    if rule.makes is not None:
        made = names.arn(call.home, rule.makes, "*")
        context = {**said, **_place(call, request)}
        yield Ask(action=f"ec2:{operation}", resource=made, context=context)
        if "aws:TagKeys" in given:
            yield Ask(action="ec2:CreateTags", resource=made, context={**context, "ec2:CreateAction": operation})
    for arn in resources:
        yield Ask(action=f"ec2:{operation}", resource=arn, context={**said, **_of_resource(tx, call.home, arn)})
    if rule.makes is None and not resources:
        yield Ask(action=f"ec2:{operation}", context=said)


def _named(call: Call, tx: Transaction, rule: Rule, request: Request) -> Iterator[str]:
    for member in rule.about:
        value = request.get(member)
        if not value:
            continue
        if member in _FOUND:
            yield from _FOUND[member](call, tx, value)
        else:
            for identity in value if isinstance(value, list) else [value]:
                yield names.arn(call.home, NOUNS[member], identity)


def _of_group_name(call: Call, tx: Transaction, name: str) -> Iterator[str]:
    """A name is one of the default VPC."""
    vpc = lookups.default_vpc(tx, call.home)
    groups = lookups.every(tx, call.home, SecurityGroup, vpc_arn=vpc.arn) if vpc is not None else []
    yield from (group.arn for group in groups if group.name == name)


def _of_ids(call: Call, tx: Transaction, identities: Sequence[str]) -> Iterator[str]:
    for identity in identities:
        prefix = identity.partition("-")[0]
        noun = next((noun for noun, known in names.PREFIXES.items() if known == prefix), None)
        yield names.arn(call.home, noun, identity) if noun is not None else "*"


def _of_association(call: Call, tx: Transaction, identity: str) -> Iterator[str]:
    """A route table's, with its subnet; or an Elastic IP address's, whose ids end alike."""
    if identity.startswith("eipassoc-"):
        yield names.arn(call.home, "elastic-ip", names.derived("eipalloc", identity))
    for table in lookups.every(tx, call.home, RouteTable):
        for held in table.associations:
            if held.id == identity:
                yield table.arn
                if held.subnet_id is not None:
                    yield names.arn(call.home, "subnet", held.subnet_id)


def _of_attachment(call: Call, tx: Transaction, identity: str) -> Iterator[str]:
    for interface in lookups.every(tx, call.home, NetworkInterface):
        if interface.attachment is not None and interface.attachment.id == identity:
            yield interface.arn


def _of_updates(call: Call, tx: Transaction, updates: Sequence[Request]) -> Iterator[str]:
    for update in updates:
        if update.get("SecurityGroupRuleId"):
            yield names.arn(call.home, "security-group-rule", update["SecurityGroupRuleId"])


_FOUND: dict[str, Callable[[Call, Transaction, Any], Iterator[str]]] = {
    "AssociationId": _of_association,
    "AttachmentId": _of_attachment,
    "GroupName": _of_group_name,
    "Resources": _of_ids,
    "SecurityGroupRules": _of_updates,
}


def _of_tags(request: Request) -> Context:
    """The tags that are given or taken away."""
    listed = [
        *(request.get("Tags") or ()),
        *(t for s in request.get("TagSpecifications") or () for t in s.get("Tags") or ()),
    ]
    tags = [tag for tag in listed if tag.get("Key")]
    if not tags:
        return {}
    given: Context = {f"aws:RequestTag/{tag['Key']}": tag.get("Value", "") for tag in tags}
    return {**given, "aws:TagKeys": tuple(tag["Key"] for tag in tags)}


def _place(call: Call, request: Request) -> Context:
    """Where the new thing will be."""
    context: Context = {}
    if request.get("VpcId"):
        context["ec2:Vpc"] = names.arn(call.home, "vpc", request["VpcId"])
    if request.get("SubnetId"):
        context["ec2:Subnet"] = names.arn(call.home, "subnet", request["SubnetId"])
    if request.get("AvailabilityZone"):
        context["ec2:AvailabilityZone"] = request["AvailabilityZone"]
    return context


# What a resource's id is called as a condition key.
_ID_KEYS = {
    "elastic-ip": "ec2:AllocationId",
    "internet-gateway": "ec2:InternetGatewayID",
    "network-interface": "ec2:NetworkInterfaceID",
    "route-table": "ec2:RouteTableID",
    "security-group": "ec2:SecurityGroupID",
    "subnet": "ec2:SubnetID",
    "vpc": "ec2:VpcID",
}
_FIELDS = {"vpc_arn": "ec2:Vpc", "subnet_arn": "ec2:Subnet", "zone": "ec2:AvailabilityZone"}


def _of_resource(tx: Transaction, home: str, arn: str) -> Context:
    """What a policy may ask about a resource as it is now."""
    noun, _, identity = arn.rpartition(":")[2].partition("/")
    kind = next((kind for kind, known in lookups.NOUNS.items() if known == noun), None)
    record = lookups.find(tx, home, kind, identity) if kind is not None else None
    if record is None:
        return {}
    context: Context = {_ID_KEYS[noun]: identity} if noun in _ID_KEYS else {}
    for field, key in _FIELDS.items():
        if getattr(record, field, None):
            context[key] = getattr(record, field)
    for key, value in record.tags.items():
        context[f"aws:ResourceTag/{key}"] = context[f"ec2:ResourceTag/{key}"] = value
    return context


ec2.asks = asks
