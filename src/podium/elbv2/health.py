"""What DescribeTargetHealth says of a target.

Source: User Guide for Application Load Balancers, "Target health status"; API Reference, TargetHealth.
"""

from typing import Any

from podium.elbv2.records import LoadBalancer, Target, TargetGroup

Health = dict[str, str]

NOT_REGISTERED = {
    "State": "unused",
    "Reason": "Target.NotRegistered",
    "Description": "Target is not registered to the target group",
}
NO_TRAFFIC = {
    "State": "unused",
    "Reason": "Target.NotInUse",
    "Description": "Target group is not configured to receive traffic from the load balancer",
}
OTHER_ZONE = {
    "State": "unused",
    "Reason": "Target.NotInUse",
    "Description": "Target is in an Availability Zone that is not enabled for the load balancer",
}
DRAINING = {
    "State": "draining",
    "Reason": "Target.DeregistrationInProgress",
    "Description": "Target deregistration is in progress",
}
UNCHECKED = {
    "State": "unavailable",
    "Reason": "Target.HealthCheckDisabled",
    "Description": "Health checks are disabled",
}


def of_target(target: Target, group: TargetGroup, balancer: LoadBalancer | None, zone: str) -> Health:
    """`zone` is where the target is, empty where that is not known; `balancer` the group's."""
    if target.deregistered_at is not None:
        return DRAINING
    if balancer is None:
        return NO_TRAFFIC
    if not usable(balancer, zone):
        return OTHER_ZONE
    if not group.check_enabled:
        return UNCHECKED
    return _as_reported(target)


def usable(balancer: LoadBalancer, zone: str) -> bool:
    """Whether the load balancer sends anything to targets of the zone. `all` are all of its zones."""
    return zone in ("", "all") or any(held.name == zone for held in balancer.zones)


def _as_reported(target: Target) -> Health:
    """A healthy one has a state alone."""
    found: dict[str, Any] = {"State": target.state, "Reason": target.reason, "Description": target.description}
    return {name: value for name, value in found.items() if value is not None}
