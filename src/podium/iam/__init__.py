"""Users, groups, roles and policies, and whether a caller may. What other services use of it is named here."""

from podium.iam.denials import AccessDenied, CredentialsVoid
from podium.iam.errors import MalformedPolicyDocument
from podium.iam.judging import allows, authorize, find_policy, principal_of, principal_of_access_key
from podium.iam.linked import ensure_service_linked_role, in_use
from podium.iam.lookups import attachable, find_role, used, validate_policy, validate_resource_policy
from podium.iam.trusting import ServiceAsk, admits_account, admits_service, lets_in, trusts_service

__all__ = [
    "AccessDenied",
    "CredentialsVoid",
    "MalformedPolicyDocument",
    "ServiceAsk",
    "admits_account",
    "admits_service",
    "allows",
    "attachable",
    "authorize",
    "ensure_service_linked_role",
    "find_policy",
    "find_role",
    "in_use",
    "lets_in",
    "principal_of",
    "principal_of_access_key",
    "trusts_service",
    "used",
    "validate_policy",
    "validate_resource_policy",
]
