"""The rules of security groups, one by one.

Source: API Reference, AuthorizeSecurityGroupIngress, RevokeSecurityGroupIngress, ModifySecurityGroupRules,
UpdateSecurityGroupRuleDescriptionsIngress, DescribeSecurityGroupRules.
"""

from collections.abc import Mapping
from typing import Any

from podium.ec2 import lookups, names
from podium.ec2.errors import Invalid, Missing, NoSuchGroup, PermissionDuplicate, PermissionNotFound, TooManyRules
from podium.ec2.missing import RuleNotFound
from podium.ec2.operations import security_groups
from podium.ec2.operations.describing import described
from podium.ec2.records import SecurityGroup, SecurityGroupRule
from podium.ec2.rules import permissions, tags
from podium.ec2.rules.filters import TAGS, Look, of
from podium.ec2.rules.permissions import FindGroup, Wanted
from podium.ec2.service import Answer, Request, changes, reads
from podium.ec2.views import groups as views
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

MOST = 60  # in each direction


@changes
def authorize_security_group_ingress(call: Call, tx: Transaction, request: Request) -> Answer:
    return _authorized(call, tx, request, egress=False)


@changes
def authorize_security_group_egress(call: Call, tx: Transaction, request: Request) -> Answer:
    return _authorized(call, tx, request, egress=True)


def _authorized(call: Call, tx: Transaction, request: Request, *, egress: bool) -> Answer:
    """All of the rules, or none when one of them is there already."""
    group = security_groups.meant(call, tx, request)
    given = tags.specified(request, "security-group-rule")
    wanted = permissions.wanted(request, _finder(call, tx, group))
    held = lookups.rules_of(tx, group)
    for rule in wanted:
        if permissions.matching(held, egress, rule) is not None:
            raise PermissionDuplicate(rule.told())
    if sum(rule.egress is egress for rule in held) + len(wanted) > MOST:
        raise TooManyRules("The maximum number of rules per security group has been reached.")
    made = [tx.put(_made(call, group, rule, egress, given)) for rule in wanted]
    return {"Return": True, "SecurityGroupRules": [views.rule(rule) for rule in made]}


def _made(call: Call, group: SecurityGroup, rule: Wanted, egress: bool, given: dict[str, str]) -> SecurityGroupRule:
    identity = names.new_id(call.ids, "sgr")
    return SecurityGroupRule(
        arn=names.arn(call.home, "security-group-rule", identity),
        home=call.home,
        id=identity,
        group_arn=group.arn,
        group_id=group.id,
        egress=egress,
        tags=given,
        **_members(rule),
    )


def _members(rule: Wanted) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in Wanted.__slots__}


def _finder(call: Call, tx: Transaction, group: SecurityGroup) -> FindGroup:
    """A rule names groups of its own group's VPC alone."""

    def find(identity: str | None, name: str | None) -> SecurityGroup:
        if not identity and not name:
            raise Missing("The request must contain the parameter groupName or groupId")
        found = security_groups.by_id(call, tx, identity) if identity else security_groups.by_name(call, tx, name or "")
        if found.vpc_arn != group.vpc_arn:
            raise NoSuchGroup("You have specified two resources that belong to different networks.")
        return found

    return find


@changes
def revoke_security_group_ingress(call: Call, tx: Transaction, request: Request) -> Answer:
    return _revoked(call, tx, request, egress=False)


@changes
def revoke_security_group_egress(call: Call, tx: Transaction, request: Request) -> Answer:
    return _revoked(call, tx, request, egress=True)


def _revoked(call: Call, tx: Transaction, request: Request, *, egress: bool) -> Answer:
    """By ids, or by what the rules say; descriptions need not be the same."""
    group = security_groups.meant(call, tx, request)
    if request.get("SecurityGroupRuleIds"):
        gone = [_own(tx, group, identity, egress) for identity in dict.fromkeys(request["SecurityGroupRuleIds"])]
    else:
        gone = _described_in(call, tx, group, request, egress)
    for rule in gone:
        tx.delete(rule)
    return {"Return": True, "RevokedSecurityGroupRules": [views.revoked(rule) for rule in gone]}


def _described_in(
    call: Call, tx: Transaction, group: SecurityGroup, request: Request, egress: bool
) -> list[SecurityGroupRule]:
    held = lookups.rules_of(tx, group)
    found = []
    for wanted in permissions.wanted(request, _finder(call, tx, group)):
        rule = permissions.matching(held, egress, wanted)
        if rule is None:
            raise PermissionNotFound
        found.append(rule)
    return found


def _own(tx: Transaction, group: SecurityGroup, identity: str, egress: bool | None = None) -> SecurityGroupRule:
    rule = lookups.find(tx, group.home, SecurityGroupRule, identity)
    if rule is None or rule.group_arn != group.arn or egress not in (None, rule.egress):
        raise RuleNotFound(identity)
    return rule


@changes
def modify_security_group_rules(call: Call, tx: Transaction, request: Request) -> Answer:
    """Each rule becomes what is given, all of it; its id, direction and tags stay."""
    group = security_groups.meant(call, tx, request)
    find = _finder(call, tx, group)
    for item in request["SecurityGroupRules"]:
        rule = _own(tx, group, item.get("SecurityGroupRuleId") or "")
        wanted = permissions.from_rule(item.get("SecurityGroupRule") or {}, find)
        others = [other for other in lookups.rules_of(tx, group) if other.arn != rule.arn]
        if permissions.matching(others, rule.egress, wanted) is not None:
            raise PermissionDuplicate(wanted.told())
        tx.put(replace(rule, **_members(wanted)))
    return {"Return": True}


@changes
def update_security_group_rule_descriptions_ingress(call: Call, tx: Transaction, request: Request) -> Answer:
    return _redescribed(call, tx, request, egress=False)


@changes
def update_security_group_rule_descriptions_egress(call: Call, tx: Transaction, request: Request) -> Answer:
    return _redescribed(call, tx, request, egress=True)


def _redescribed(call: Call, tx: Transaction, request: Request, *, egress: bool) -> Answer:
    """A rule without a description loses the one that it has."""
    group = security_groups.meant(call, tx, request)
    if request.get("SecurityGroupRuleDescriptions"):
        if request.get("IpPermissions"):
            raise Invalid("IpPermissions and SecurityGroupRuleDescriptions cannot both be specified")
        for item in request["SecurityGroupRuleDescriptions"]:
            rule = _own(tx, group, item.get("SecurityGroupRuleId") or "", egress)
            tx.put(replace(rule, description=permissions.described(item.get("Description"))))
        return {"Return": True}
    wanted = permissions.wanted(request, _finder(call, tx, group))
    rules = _described_in(call, tx, group, request, egress)
    for rule, asked in zip(rules, wanted, strict=True):
        tx.put(replace(rule, description=asked.description))
    return {"Return": True}


@reads
def describe_security_group_rules(call: Call, tx: Transaction, request: Request) -> Answer:
    return described(
        call,
        tx,
        request,
        SecurityGroupRule,
        ids="SecurityGroupRuleIds",
        member="SecurityGroupRules",
        looks=LOOKS,
        view=views.rule,
    )


LOOKS: Mapping[str, Look[SecurityGroupRule]] = {
    "group-id": of("group_id"),
    "security-group-rule-id": of("id"),
    **TAGS,
}
