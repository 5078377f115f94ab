"""Policies on their way into a record: valid, small enough, and existing.

Source: IAM User Guide, "IAM and AWS STS quotas". White space does not count.
"""

from collections.abc import Mapping

from podium.iam import judging, names
from podium.iam.errors import InvalidInput, LimitExceeded, NoSuchEntity, PolicyNotAttachable, quota
from podium.iam.policy import Kind, validate
from podium.iam.records import Group, Holder, Policy, Role, User
from podium.kernel.call import Call
from podium.store.session import Transaction

MOST_MANAGED, MOST_TRUST, MOST_ATTACHED = 6144, 2048, 10
MOST_INLINE: Mapping[type, int] = {User: 2048, Group: 5120, Role: 10240}


def size(text: str) -> int:
    return len("".join(text.split()))


def managed(text: str) -> str:
    validate(text, Kind.IDENTITY)
    if size(text) > MOST_MANAGED:
        raise quota("PolicySize", MOST_MANAGED)
    return text


def trust(text: str) -> str:
    validate(text, Kind.TRUST)
    if size(text) > MOST_TRUST:
        raise quota("ACLSizePerRole", MOST_TRUST)
    return text


def inline(held: Holder, name: str, text: str) -> dict[str, str]:
    """The holder's inline policies with this one, which replaces one of the same name."""
    validate(text, Kind.IDENTITY)
    policies = {**held.inline, name: text}
    most = MOST_INLINE[type(held)]
    if sum(map(size, policies.values())) > most:
        noun = names.NOUNS[type(held)]
        raise LimitExceeded(f"Maximum policy size of {most} bytes exceeded for {noun} {held.name}")
    return policies


def attachable(call: Call, tx: Transaction, arn: str) -> Policy:
    """The managed policy of that ARN, if this account may attach it."""
    found = judging.find_policy(tx, names.policy_arn_of(arn))
    if found is None or found.home not in (names.home(call), "aws::aws"):
        raise NoSuchEntity(f"Policy {arn} does not exist or is not attachable.")
    return found


def attached(call: Call, tx: Transaction, held: Holder, arn: str) -> tuple[str, ...]:
    """The holder's attached policies with this one. Attaching twice is no error."""
    policy = attachable(call, tx, arn)
    if policy.path.startswith(names.LINKED_PATH):
        raise PolicyNotAttachable("Cannot attach a Service Role Policy to a Customer Role.")
    if arn in held.attached:
        return held.attached
    if len(held.attached) >= MOST_ATTACHED:
        noun = type(held).__name__
        raise quota(f"PoliciesPer{noun}", MOST_ATTACHED)
    return (*held.attached, arn)


def detached(held: Holder, arn: str) -> tuple[str, ...]:
    if names.policy_arn_of(arn) not in held.attached:
        raise NoSuchEntity(f"Policy {arn} was not found.")
    return tuple(a for a in held.attached if a != arn)


def boundary(call: Call, tx: Transaction, arn: str | None) -> str | None:
    """`arn`, if it is a managed policy's."""
    if arn is None:
        return None
    try:
        return attachable(call, tx, arn).arn
    except InvalidInput as error:
        raise InvalidInput(f"Value ({arn}) for parameter PermissionsBoundary is invalid.") from error
