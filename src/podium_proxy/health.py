"""What is known of targets, and which of a group's get requests."""

from collections.abc import Callable

from podium_protocol.proxy import Target, TargetGroup

Key = tuple[str, str, int, float]
"""A target: its group, id, port, and when it was registered."""


def key(group: TargetGroup, target: Target) -> Key:
    return (group["arn"], target["id"], target["port"], target["since"])


def in_rotation(group: TargetGroup, state: Callable[[Key], str]) -> list[Target]:
    """The healthy ones. With too few of them, the unhealthy ones too: ELB rather tries than refuses.

    One that nobody has found healthy or unhealthy yet gets nothing.
    """
    candidates = [t for t in group["targets"] if t["usable"] and not t["draining"]]
    if not group["health_check"]["enabled"]:
        return candidates
    states = {key(group, target): state(key(group, target)) for target in candidates}
    healthy = [t for t in candidates if states[key(group, t)] == "healthy"]
    if len(healthy) >= _fewest(group, len(candidates)):
        return healthy
    return [t for t in candidates if states[key(group, t)] != "initial"]


def _fewest(group: TargetGroup, registered: int) -> int:
    prefix = "target_group_health.unhealthy_state_routing.minimum_healthy_targets"
    count = group["attributes"].get(f"{prefix}.count", "1")
    percent = group["attributes"].get(f"{prefix}.percentage", "off")
    fewest = int(count) if count.isdigit() else 1
    return max(fewest, -(-registered * int(percent) // 100)) if percent.isdigit() else fewest
