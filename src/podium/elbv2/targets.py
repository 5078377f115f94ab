"""Targets as they come, are found healthy or not, drain and go."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from podium.elbv2 import attributes, lookups, names
from podium.elbv2.records import Target, TargetGroup
from podium.store.records import replace
from podium.store.session import Transaction
from podium_protocol.proxy import TargetHealth

DELAY = timedelta(minutes=5)


def in_use(group: TargetGroup) -> bool:
    """Whether a listener or a rule sends it anything, so that its targets are checked."""
    return group.load_balancer_arn is not None


def delay_seconds(group: TargetGroup) -> int:
    """How long its targets drain."""
    return attributes.deregistration_delay(group)


def target(tx: Transaction, group_arn: str, id: str, port: int) -> Target | None:
    return tx.get(Target, names.of_target(group_arn, id, port))


def targets_of(tx: Transaction, group_arn: str) -> list[Target]:
    return lookups.targets_of(tx, group_arn)


def register_target(tx: Transaction, group: TargetGroup, id: str, port: int, zone: str, now: datetime) -> Target:
    """One that is registered already stays as it is; one that is draining begins anew."""
    found = target(tx, group.arn, id, port)
    if found is not None and found.deregistered_at is None:
        return found
    return tx.put(
        Target(
            arn=names.of_target(group.arn, id, port),
            home=group.home,
            target_group_arn=group.arn,
            id=id,
            port=port,
            zone=zone,
            registered_at=now,
        )
    )


def deregister_target(
    tx: Transaction, group: TargetGroup, id: str, port: int, now: datetime, unless_set: timedelta = DELAY
) -> Target | None:
    """The target, draining from now or since it was first deregistered; None when there is nothing to wait for.

    `unless_set` is the delay where nobody set the group's.

    That is so when it is not registered, and when nothing sends the group anything: then it is gone at once.
    """
    found = target(tx, group.arn, id, port)
    if found is None or found.deregistered_at is not None:
        return found
    if not in_use(group):
        tx.delete(found)
        return None
    leaves = now + timedelta(seconds=attributes.deregistration_delay(group, int(unless_set.total_seconds())))
    return tx.put(replace(found, deregistered_at=now, leaves_at=leaves))


def reported(tx: Transaction, found: Sequence[TargetHealth], now: datetime) -> None:
    """What a proxy found. Of targets that are gone, draining or were registered anew since, it knows nothing."""
    for health in found:
        held = target(tx, health["target_group"], health["id"], health["port"])
        if held is None or held.deregistered_at is not None or held.registered_at.timestamp() != health["since"]:
            continue
        after = _as_found(held, health)
        if after != held:
            tx.put(after)


def _as_found(held: Target, health: TargetHealth) -> Target:
    changed = datetime.fromtimestamp(health["changed"], UTC)
    first = changed if health["state"] == "healthy" else None
    return replace(
        held,
        state=health["state"],
        reason=health["reason"],
        description=health["description"],
        asked=health["asked"],
        answered=health["answered"],
        changed_at=changed,
        healthy_at=held.healthy_at or first,
    )


def drained(tx: Transaction, keys: Iterable[tuple[str, str, int, float]], now: datetime) -> None:
    """A proxy sends these nothing new any more: group, id, port, and when they were registered.

    What it sent them until now has the whole of the deregistration delay.
    """
    for group_arn, id, port, since in keys:
        held = target(tx, group_arn, id, port)
        if held is None or held.deregistered_at is None or held.drained_at is not None:
            continue
        if held.registered_at.timestamp() == since:
            assert held.leaves_at is not None, "what drains leaves"
            delay = held.leaves_at - held.deregistered_at
            tx.put(replace(held, drained_at=now, leaves_at=now + delay))
