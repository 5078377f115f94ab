"""Load balancers. What other services use of them is named here.

All of it happens inside one home (partition, region and account): what another home has is not found.
"""

from podium.elbv2 import access_logs, lookups
from podium.elbv2.errors import LogBucketDenied
from podium.elbv2.metering import measured
from podium.elbv2.pools import settle_pool
from podium.elbv2.records import Listener, LoadBalancer, Pool, Rule, Target, TargetGroup, Zone
from podium.elbv2.targets import (
    delay_seconds,
    deregister_target,
    drained,
    in_use,
    register_target,
    reported,
    target,
    targets_of,
)
from podium.store.session import Transaction


def find_target_group(tx: Transaction, home: str, arn_or_name: str) -> TargetGroup | None:
    if arn_or_name.startswith("arn:"):
        return lookups.find(tx, home, TargetGroup, arn_or_name)
    return lookups.target_group_named(tx, home, arn_or_name)


def find_load_balancer(tx: Transaction, home: str, name: str) -> LoadBalancer | None:
    return lookups.load_balancer_named(tx, home, name)


__all__ = [
    "Listener",
    "LoadBalancer",
    "LogBucketDenied",
    "Pool",
    "Rule",
    "Target",
    "TargetGroup",
    "Zone",
    "access_logs",
    "delay_seconds",
    "deregister_target",
    "drained",
    "find_load_balancer",
    "find_target_group",
    "in_use",
    "measured",
    "register_target",
    "reported",
    "settle_pool",
    "target",
    "targets_of",
]
