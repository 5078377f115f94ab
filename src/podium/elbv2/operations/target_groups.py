"""Target groups: creating, describing, changing and deleting them."""

from typing import Any

from podium import ec2
from podium.elbv2 import lookups, names, views
from podium.elbv2.errors import (
    DuplicateTargetGroupName,
    Invalid,
    ResourceInUse,
    TargetGroupsNotFound,
    TooManyTargetGroups,
)
from podium.elbv2.records import LoadBalancer, TargetGroup
from podium.elbv2.rules import naming, paging
from podium.elbv2.rules import target_groups as rules
from podium.elbv2.rules.tags import TAGS
from podium.elbv2.service import Answer, Request, changes, reads
from podium.kernel.call import Call
from podium.store.records import members, replace
from podium.store.session import Transaction

MOST = 3000
CHECK = (
    "check_protocol",
    "check_port",
    "check_path",
    "check_interval",
    "check_timeout",
    "healthy_threshold",
    "unhealthy_threshold",
    "matcher",
)


@changes
def create_target_group(call: Call, tx: Transaction, request: Request) -> Answer:
    """Creating one that is there already returns it, as long as the settings are the same."""
    naming.target_group(request["Name"])
    kind, given = rules.kind(request), TAGS.given(request.get("Tags"))
    if ec2.find_vpc(tx, call.home, kind["vpc_id"]) is None:
        raise Invalid(f"The VPC ID '{kind['vpc_id']}' is not found")
    wanted = {**kind, **rules.check(kind, request), "tags": given}
    there = lookups.target_group_named(tx, call.home, request["Name"])
    if there is not None:
        if any(getattr(there, field) != value for field, value in wanted.items()):
            raise DuplicateTargetGroupName(there.name)
        return _answer([there])
    if len(tx.list(TargetGroup, home=call.home)) >= MOST:
        raise TooManyTargetGroups(f"The maximum number of target groups has been reached: {MOST}")
    return _answer([tx.put(_made(call, request["Name"], wanted))])


def _made(call: Call, name: str, wanted: dict[str, Any]) -> TargetGroup:
    arn = names.of_target_group(call.home, name, names.new_id(call.ids))
    return TargetGroup(arn=arn, home=call.home, name=name, created_at=call.now, **wanted)


def _answer(found: list[TargetGroup]) -> Answer:
    return {"TargetGroups": [views.target_group(held) for held in found]}


@reads
def describe_target_groups(call: Call, tx: Transaction, request: Request) -> Answer:
    arns, wanted = request.get("TargetGroupArns") or (), request.get("Names") or ()
    balancer = request.get("LoadBalancerArn")
    if sum(map(bool, (arns, wanted, balancer))) > 1:
        raise Invalid(
            "Target group names, target group ARNs, and a load balancer ARN cannot be specified at the same time"
        )
    found = tx.list(TargetGroup, home=call.home)
    if balancer:
        lookups.named(tx, call.home, LoadBalancer, balancer)
        found = [held for held in found if held.load_balancer_arn == balancer]
    if arns or wanted:
        for arn in arns:
            lookups.well_formed(TargetGroup, arn)
        found = [held for held in found if held.arn in arns or held.name in wanted]
        if len(found) < len({*arns, *wanted}):
            raise TargetGroupsNotFound
    shown, more = paging.page(found, paging.age, request)
    return {**_answer(shown), **more}


@changes
def modify_target_group(call: Call, tx: Transaction, request: Request) -> Answer:
    """Changes how targets are checked. What the request leaves out stays."""
    group = lookups.named(tx, call.home, TargetGroup, request["TargetGroupArn"])
    before = {field: getattr(group, field) for field in CHECK}
    return _answer([tx.put(replace(group, **rules.check(members(group), request, before)))])


@changes
def delete_target_group(call: Call, tx: Transaction, request: Request) -> Answer:
    """With its targets. One that is gone already is no error."""
    arn = request["TargetGroupArn"]
    lookups.well_formed(TargetGroup, arn)
    group = lookups.find(tx, call.home, TargetGroup, arn)
    if group is None:
        return {}
    if group.used_by:
        raise ResourceInUse(f"Target group '{arn}' is currently in use by a listener or a rule")
    for target in lookups.targets_of(tx, arn):
        tx.delete(target)
    tx.delete(group)
    return {}
