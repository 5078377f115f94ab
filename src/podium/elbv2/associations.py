"""Which listeners and rules name a target group, and so which load balancer it is of.

Whoever writes or deletes a listener or a rule says here what its actions were and are.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from podium.elbv2 import lookups
from podium.elbv2.errors import AssociationLimit, TooManyUniqueTargetGroups
from podium.elbv2.records import LoadBalancer, Target, TargetGroup
from podium.store.records import replace
from podium.store.session import Transaction

Actions = Iterable[Mapping[str, Any]]
MOST = 100  # target groups of a load balancer


def groups_in(actions: Actions) -> list[str]:
    """The ARNs of the target groups that normalized actions forward to, each once."""
    named = (
        group["TargetGroupArn"]
        for action in actions
        for group in (action.get("ForwardConfig") or {}).get("TargetGroups", ())
    )
    return list(dict.fromkeys(named))


def exchange(tx: Transaction, user_arn: str, balancer: LoadBalancer, before: Actions, after: Actions) -> None:
    """`user_arn`, a listener or rule of the load balancer, had the actions `before` and will have `after`.

    Raises AssociationLimit for a group of another load balancer, TooManyUniqueTargetGroups for one more than may be.
    """
    old, new = groups_in(before), groups_in(after)
    for arn in new:
        _take(tx, user_arn, balancer, arn)
    for arn in old:
        if arn not in new:
            _let_go(tx, user_arn, arn)


def _take(tx: Transaction, user_arn: str, balancer: LoadBalancer, group_arn: str) -> None:
    group = tx.get(TargetGroup, group_arn)
    assert group is not None, f"{group_arn} was to be looked up before"
    if group.load_balancer_arn not in (None, balancer.arn):
        raise AssociationLimit(group.arn)
    if group.load_balancer_arn is None and len(tx.list(TargetGroup, load_balancer_arn=balancer.arn)) >= MOST:
        raise TooManyUniqueTargetGroups(
            f"The maximum number of target groups on load balancer '{balancer.arn}' has been reached: {MOST}"
        )
    if user_arn not in group.used_by:
        tx.put(replace(group, used_by=(*group.used_by, user_arn), load_balancer_arn=balancer.arn))


def _let_go(tx: Transaction, user_arn: str, group_arn: str) -> None:
    """One that nothing names any more is of no load balancer, and what was known of its targets' health is void."""
    group = tx.get(TargetGroup, group_arn)
    if group is None:
        return
    left = tuple(arn for arn in group.used_by if arn != user_arn)
    tx.put(replace(group, used_by=left, load_balancer_arn=group.load_balancer_arn if left else None))
    if not left:
        for target in lookups.targets_of(tx, group_arn):
            tx.put(as_unchecked(target))


def as_unchecked(target: Target) -> Target:
    """Of which nothing is known yet. It counts as registered anew, so that whoever checks it tells all it finds."""
    fresh = Target(
        arn=target.arn,
        home=target.home,
        target_group_arn=target.target_group_arn,
        id=target.id,
        port=target.port,
        zone=target.zone,
        owner=target.owner,
        address=target.address,
        registered_at=target.registered_at + timedelta(microseconds=1),
    )
    gone = {"deregistered_at": target.deregistered_at, "leaves_at": target.leaves_at, "drained_at": target.drained_at}
    return replace(fresh, **gone)
