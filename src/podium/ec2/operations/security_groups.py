"""Security groups.

Source: API Reference, CreateSecurityGroup, DeleteSecurityGroup, DescribeSecurityGroups.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from podium.ec2 import defaults, lookups, names
from podium.ec2.errors import (
    CannotDelete,
    DependencyViolation,
    GroupDuplicate,
    GroupIdMalformed,
    GroupReserved,
    Invalid,
    Missing,
    NoSuchGroup,
    VpcNotSpecified,
)
from podium.ec2.operations.describing import described
from podium.ec2.records import SecurityGroup, SecurityGroupRule, Vpc
from podium.ec2.rules import tags
from podium.ec2.rules.filters import TAGS, Look, of
from podium.ec2.service import Answer, Request, changes, reads
from podium.ec2.views import groups as views
from podium.ec2.views import tags as shown_tags
from podium.kernel.call import Call
from podium.store.session import Transaction

_TEXT = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}")
_SET = "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"


@changes
def create_security_group(call: Call, tx: Transaction, request: Request) -> Answer:
    """It lets everything out and nothing in."""
    vpc = _vpc(call, tx, request.get("VpcId"))
    name, description = _name(request["GroupName"]), request["Description"]
    if not _TEXT.fullmatch(description):
        raise Invalid(
            "Invalid security group description. Valid descriptions are strings less than 256 characters from the "
            f"following set:  {_SET}"
        )
    if any(group.name == name for group in lookups.every(tx, call.home, SecurityGroup, vpc_arn=vpc.arn)):
        raise GroupDuplicate(f"The security group '{name}' already exists for VPC '{vpc.id}'")
    identity = names.new_id(call.ids, "sg")
    group = tx.put(
        SecurityGroup(
            arn=names.arn(call.home, "security-group", identity),
            home=call.home,
            id=identity,
            vpc_arn=vpc.arn,
            vpc_id=vpc.id,
            name=name,
            description=description,
            tags=tags.specified(request, "security-group"),
        )
    )
    tx.put(defaults.outward_rule(group, names.new_id(call.ids, "sgr")))
    return {"GroupId": group.id, "SecurityGroupArn": group.arn, "Tags": shown_tags(group.tags)}


def _vpc(call: Call, tx: Transaction, vpc_id: str | None) -> Vpc:
    if vpc_id:
        return lookups.named(tx, call.home, Vpc, vpc_id)
    vpc = lookups.default_vpc(tx, call.home)
    if vpc is None:
        raise VpcNotSpecified
    return vpc


def _name(given: str) -> str:
    if given.lower() == defaults.DEFAULT_GROUP:
        raise GroupReserved(f"The security group '{given}' is reserved")
    if given.startswith("sg-"):
        raise Invalid(f"Invalid value '{given}' for groupName. Group names may not be in the format sg-*.")
    if not _TEXT.fullmatch(given):
        raise Invalid(
            f"Value ({given}) for parameter GroupName is invalid. Valid names are strings less than 256 characters "
            f"from the following set:  {_SET}"
        )
    return given


@changes
def delete_security_group(call: Call, tx: Transaction, request: Request) -> Answer:
    """Not while an interface is in it, or a rule of another group names it."""
    group = meant(call, tx, request)
    if group.is_default:
        raise CannotDelete(f'the specified group: "{group.id}" name: "{group.name}" cannot be deleted by a user')
    named = [rule for rule in lookups.rules_naming(tx, group) if rule.group_arn != group.arn]
    if named or lookups.members(tx, group.arn):
        raise DependencyViolation(f"resource {group.id} has a dependent object")
    for rule in lookups.rules_of(tx, group):
        tx.delete(rule)
    tx.delete(group)
    return {"Return": True, "GroupId": group.id}


def meant(call: Call, tx: Transaction, request: Request) -> SecurityGroup:
    """By `GroupId`, or in the default VPC by `GroupName`."""
    if request.get("GroupId"):
        return by_id(call, tx, request["GroupId"])
    if request.get("GroupName"):
        return by_name(call, tx, request["GroupName"])
    raise Missing("The request must contain the parameter groupName or groupId")


def by_id(call: Call, tx: Transaction, identity: str) -> SecurityGroup:
    return lookups.named(tx, call.home, SecurityGroup, checked_id(identity))


def checked_id(identity: str) -> str:
    if not identity.startswith("sg-"):
        raise GroupIdMalformed(f'Invalid id: "{identity}" (expecting "sg-...")')
    return identity


def by_name(call: Call, tx: Transaction, name: str) -> SecurityGroup:
    vpc = lookups.default_vpc(tx, call.home)
    if vpc is None:
        raise VpcNotSpecified
    for group in lookups.every(tx, call.home, SecurityGroup, vpc_arn=vpc.arn):
        if group.name == name:
            return group
    raise NoSuchGroup(f"The security group '{name}' does not exist in default VPC '{vpc.id}'")


@reads
def describe_security_groups(call: Call, tx: Transaction, request: Request) -> Answer:
    """`GroupNames` are names in the default VPC."""
    wanted = dict(request)
    if request.get("GroupNames"):
        ids = [by_name(call, tx, name).id for name in request["GroupNames"]]
        wanted["GroupIds"] = [*(request.get("GroupIds") or ()), *ids]
    for identity in request.get("GroupIds") or ():
        checked_id(identity)
    return described(
        call,
        tx,
        wanted,
        SecurityGroup,
        ids="GroupIds",
        member="SecurityGroups",
        looks=_looks(tx),
        view=lambda group: views.group(tx, group),
    )


def _looks(tx: Transaction) -> Mapping[str, Look[SecurityGroup]]:
    return {**_OWN, **_of_rules(tx, "ip-permission.", False), **_of_rules(tx, "egress.ip-permission.", True)}


_OWN: Mapping[str, Look[SecurityGroup]] = {
    "description": of("description"),
    "group-id": of("id"),
    "group-name": of("name"),
    "owner-id": lambda group: (names.account_of(group.home),),
    "vpc-id": of("vpc_id"),
    **TAGS,
}


def _of_rules(tx: Transaction, prefix: str, egress: bool) -> Mapping[str, Look[SecurityGroup]]:
    def any_rule(shown: Callable[[SecurityGroupRule], Any]) -> Look[SecurityGroup]:
        def look(group: SecurityGroup) -> Iterable[Any]:
            return [shown(rule) for rule in lookups.rules_of(tx, group) if rule.egress is egress]

        return look

    def peer_name(rule: SecurityGroupRule) -> str | None:
        peer = lookups.of_arn(tx, SecurityGroup, rule.peer_arn) if rule.peer_arn else None
        return peer.name if peer is not None else None

    found: dict[str, Callable[[SecurityGroupRule], Any]] = {
        "cidr": lambda rule: rule.cidr,
        "from-port": lambda rule: rule.from_port,
        "group-id": lambda rule: names.id_of(rule.peer_arn) if rule.peer_arn else None,
        "group-name": peer_name,
        "ipv6-cidr": lambda rule: rule.cidr6,
        "prefix-list-id": lambda rule: None,
        "protocol": lambda rule: rule.protocol,
        "to-port": lambda rule: rule.to_port,
        "user-id": lambda rule: names.account_of(rule.home) if rule.peer_arn else None,
    }
    return {prefix + name: any_rule(shown) for name, shown in found.items()}
