"""Security groups and their rules."""

from collections.abc import Iterable
from typing import Any

from podium.ec2 import lookups, names
from podium.ec2.records import SecurityGroup, SecurityGroupRule
from podium.ec2.views import tags
from podium.store.session import Transaction

Shown = dict[str, Any]


def group(tx: Transaction, held: SecurityGroup) -> Shown:
    rules = sorted(lookups.rules_of(tx, held), key=lambda rule: rule.id)
    return {
        "GroupId": held.id,
        "GroupName": held.name,
        "Description": held.description,
        "VpcId": held.vpc_id,
        "OwnerId": names.account_of(held.home),
        "SecurityGroupArn": held.arn,
        "IpPermissions": permissions(rule for rule in rules if not rule.egress),
        "IpPermissionsEgress": permissions(rule for rule in rules if rule.egress),
        "Tags": tags(held.tags),
    }


def permissions(rules: Iterable[SecurityGroupRule]) -> list[Shown]:
    """Rules of the same ports are one permission."""
    found: dict[tuple[object, ...], Shown] = {}
    for rule in rules:
        key = (rule.protocol, rule.from_port, rule.to_port)
        member, peer = _peer(rule)
        held = found.setdefault(key, {**_ports(rule), **{name: [] for name in _MEMBERS}})
        held[member].append({**peer, **_described(rule)})
    return list(found.values())


_MEMBERS = ("UserIdGroupPairs", "IpRanges", "Ipv6Ranges", "PrefixListIds")


def _peer(rule: SecurityGroupRule) -> tuple[str, Shown]:
    if rule.cidr is not None:
        return "IpRanges", {"CidrIp": rule.cidr}
    if rule.cidr6 is not None:
        return "Ipv6Ranges", {"CidrIpv6": rule.cidr6}
    assert rule.peer_arn is not None, f"{rule.id} has no peer"
    return "UserIdGroupPairs", {"GroupId": names.id_of(rule.peer_arn), "UserId": names.account_of(rule.home)}


def rule(held: SecurityGroupRule, *, with_tags: bool = True) -> Shown:
    shown = {
        "SecurityGroupRuleId": held.id,
        "SecurityGroupRuleArn": held.arn,
        "GroupId": held.group_id,
        "GroupOwnerId": names.account_of(held.home),
        "IsEgress": held.egress,
        "IpProtocol": held.protocol,
        "FromPort": -1 if held.from_port is None else held.from_port,
        "ToPort": -1 if held.to_port is None else held.to_port,
        **_described(held),
    }
    if held.cidr is not None:
        shown["CidrIpv4"] = held.cidr
    if held.cidr6 is not None:
        shown["CidrIpv6"] = held.cidr6
    if held.peer_arn is not None:
        shown["ReferencedGroupInfo"] = {
            "GroupId": names.id_of(held.peer_arn),
            "UserId": names.account_of(held.home),
        }
    return {**shown, "Tags": tags(held.tags)} if with_tags else shown


def revoked(held: SecurityGroupRule) -> Shown:
    shown = rule(held, with_tags=False)
    del shown["GroupOwnerId"], shown["SecurityGroupRuleArn"]
    peer = shown.pop("ReferencedGroupInfo", None)
    return {**shown, "ReferencedGroupId": peer["GroupId"]} if peer else shown


def _ports(held: SecurityGroupRule) -> Shown:
    shown: Shown = {"IpProtocol": held.protocol}
    if held.from_port is not None:
        shown |= {"FromPort": held.from_port, "ToPort": held.to_port}
    return shown


def _described(held: SecurityGroupRule) -> Shown:
    return {"Description": held.description} if held.description else {}
