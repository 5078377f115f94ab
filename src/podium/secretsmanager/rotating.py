"""What becomes of a secret while it is rotated. A command does the work, outside the core; here is what that changes.

A rotation puts AWSPENDING on a version that has no value yet. The command gives it one, makes it good elsewhere, tests
it and moves AWSCURRENT to it: then the rotation is over.
Source: User Guide, "Lambda rotation functions"; API Reference, RotateSecret.
"""

from datetime import datetime, timedelta

from podium.secretsmanager import schedules, staging
from podium.secretsmanager.errors import LeftPending, StillRotating
from podium.secretsmanager.records import Secret, SecretRotation
from podium.store.records import replace
from podium.store.session import Transaction

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
_MOST_DOUBLINGS = 10
NOT_CURRENT = (
    "every step ended well, and yet AWSCURRENT is not on version {token}: in finishSecret, move it there with "
    "UpdateSecretVersionStage"
)


def begin(tx: Transaction, held: Secret, token: str, now: datetime) -> Secret:
    """Raises StillRotating, LeftPending."""
    assert held.rotation_function is not None, "rotation has been configured"
    if tx.get(SecretRotation, held.arn) is not None:
        raise StillRotating
    pending = held.stages.get(staging.PENDING)
    if pending is not None and pending != held.stages.get(staging.CURRENT):
        raise LeftPending(pending)
    tx.put(SecretRotation(arn=held.arn, token=token, function=held.rotation_function, begun_at=now, due_at=now))
    stages = {**held.stages, staging.PENDING: token}
    return tx.put(replace(scheduled(held, now), stages=stages, changed_at=now))


def scheduled(held: Secret, now: datetime) -> Secret:
    """With its next rotation counted from now; without one, where it has no rules or is not to be rotated."""
    wanted = held.rotation_enabled and bool(held.rotation_rules)
    return replace(held, rotates_at=schedules.opens(held.rotation_rules, now) if wanted else None)


def by_hand(held: Secret, now: datetime) -> Secret:
    """A new current value that somebody put counts as a rotation."""
    return scheduled(held, now) if held.rotates_at is not None else held


def succeed(tx: Transaction, rotation: SecretRotation, now: datetime) -> str:
    """The command says that it is done. What it failed to do, or nothing."""
    held = tx.get(Secret, rotation.arn)
    assert held is not None, "a rotation ends with its secret"
    if held.stages.get(staging.CURRENT) != rotation.token:
        failure = NOT_CURRENT.format(token=rotation.token)
        fail(tx, rotation, failure, now)
        return failure
    tx.delete(rotation)
    tx.put(replace(scheduled(held, now), rotated_at=now, changed_at=now))
    return ""


def fail(tx: Transaction, rotation: SecretRotation, why: str, now: datetime) -> None:
    """The command is run again, after a wait that doubles up to an hour, until it succeeds or rotation is cancelled."""
    wait = min(FIRST_WAIT * 2 ** min(rotation.failures, _MOST_DOUBLINGS), LONGEST_WAIT)
    tx.put(replace(rotation, failures=rotation.failures + 1, failure=why, due_at=now + wait))


def end(tx: Transaction, held: Secret) -> SecretRotation | None:
    """Whatever rotation is under way is given up. Its stage stays where it is, as on AWS."""
    under_way = tx.get(SecretRotation, held.arn)
    if under_way is not None:
        tx.delete(under_way)
    return under_way
