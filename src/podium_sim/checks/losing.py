"""Hosts that are given up: after long enough, few at a time, and never while most of a cluster is away."""

from collections.abc import Iterator

from podium.ecs.records import ContainerInstance, InstanceStatus, StopCode, Stranger, Task
from podium_sim.checks.sight import Check, Sight, short

SHARE = 20  # percent of a cluster, as a server begins with


def given_up_late_and_few_at_a_time(sight: Sight) -> Iterator[str]:
    """A host is lost once its agent was away for `lost_after`, with few others, and while most are there."""
    before, after, patience = sight.change.before, sight.change.after, sight.timing.lost_after
    if not isinstance(before, ContainerInstance) or not isinstance(after, ContainerInstance) or patience is None:
        return
    if after.lost_at is None or after.lost_at == before.lost_at:
        return
    if before.agent_connected:
        yield f"{short(after.arn)} was given up, and its agent is connected"
    due = (before.disconnected_at or before.registered_at) + patience
    if after.lost_at < due:
        yield f"{short(after.arn)} was given up at {after.lost_at}, and may be away until {due}"
    there = [i for i in sight.shadow.all(ContainerInstance).values() if i.cluster_arn == after.cluster_arn]
    there = [i for i in there if i.status is not InstanceStatus.INACTIVE and not i.is_off]
    away = [i for i in there if not i.agent_connected]
    if len(away) * 2 > len(there):
        yield f"{short(after.arn)} was given up while {len(away)} of {len(there)} hosts were away"
    others = (sight.shadow.given_up.get(i.arn) for i in there if i.arn != after.arn)
    recent = [at for at in others if at is not None and at + patience > after.lost_at]
    if len(recent) + 1 > max(1, len(there) * SHARE // 100):
        yield f"{short(after.arn)} was given up with {len(recent)} others of {len(there)} within {patience}"


def taken_back_when_empty(sight: Sight) -> Iterator[str]:
    """A lost host is one like others again when it is back and nothing is left on it that is to stop."""
    before, after = sight.change.before, sight.change.after
    if not isinstance(before, ContainerInstance) or not isinstance(after, ContainerInstance):
        return
    if before.lost_at is None or after.lost_at is not None or after.status is InstanceStatus.INACTIVE:
        return
    left = [s for s in sight.shadow.all(Stranger).values() if s.container_instance_arn == after.arn]
    if any(s.lost and s.stop_asked for s in left):
        yield f"{short(after.arn)} was taken back while {short(left[0].arn)} was still to stop there"


def lost_with_their_hosts(sight: Sight) -> Iterator[str]:
    """A task is declared lost only while its host's agent is away."""
    before, after = sight.change.before, sight.change.after
    if not isinstance(before, Task) or not isinstance(after, Task) or before.stop_code is not None:
        return
    instance = sight.shadow.instance(after.container_instance_arn)
    if after.stop_code is StopCode.INFRASTRUCTURE_HEALTH and instance is not None and instance.agent_connected:
        yield f"{short(after.arn)} was declared lost, and the agent of its host is connected"


CHECKS: tuple[Check, ...] = (given_up_late_and_few_at_a_time, taken_back_when_empty, lost_with_their_hosts)
