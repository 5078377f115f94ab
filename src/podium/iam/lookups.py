"""What other services do with roles and policies that are named by their ARNs."""

from datetime import datetime

from podium.iam import documents
from podium.iam.policy import Kind, validate
from podium.iam.records import Policy, Role
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


def find_role(tx: Transaction, arn: str) -> Role | None:
    """The role, if there is one. The account is the ARN's: who asks must have compared it with the caller's."""
    return tx.get(Role, arn)


def used(tx: Transaction, role: Role, at: datetime, region: str) -> None:
    """Note when and where the role was last put to use."""
    tx.put(replace(role, last_used_at=at.replace(microsecond=0), last_used_region=region))


def attachable(call: Call, tx: Transaction, arn: str) -> Policy:
    """The managed policy of that ARN. Raises NoSuchEntity for one that the account cannot use."""
    return documents.attachable(call, tx, arn)


def validate_resource_policy(text: str) -> None:
    """Raises MalformedPolicyDocument for what cannot be the policy of a resource."""
    validate(text, Kind.RESOURCE)


def validate_policy(text: str) -> None:
    """Raises MalformedPolicyDocument for what is no identity-based policy."""
    validate(text, Kind.IDENTITY)
