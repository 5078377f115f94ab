"""AssumeRole: another's permissions, for a while, if the role trusts the caller.

Source: STS API Reference, AssumeRole; IAM User Guide, "Pass session tags in AWS STS".
"""

from collections.abc import Sequence
from typing import Any

from podium import iam
from podium.iam.records import Role
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kernel.principal import Principal, PrincipalKind
from podium.store.session import Transaction
from podium.sts import access
from podium.sts.errors import AccessDenied, Invalid, PackedPolicyTooLarge
from podium.sts.operations.sessions import begun, shown
from podium.sts.service import sts

USUAL_SECONDS, CHAINED_SECONDS = 3600, 3600
MOST_TAGS, MOST_POLICIES, MOST_PACKED = 50, 10, 2048
Request = dict[str, Any]


@sts.operation
def assume_role(call: Call, tx: Transaction, request: Request) -> Request:
    """The caller's own policies were asked before; here the role's trust policy is."""
    access.refuse_agents(call, "AssumeRole")
    role = _trusting(call, tx, request)
    seconds = _seconds(call, role, request.get("DurationSeconds"))
    policies = _policies(call, tx, request)
    principal = _session(call, role, request, policies)
    credentials = begun(call, principal, seconds)
    iam.used(tx, role, call.now, call.region)
    return {
        "Credentials": shown(credentials),
        "AssumedRoleUser": {"AssumedRoleId": principal.user_id, "Arn": principal.arn},
        **({"PackedPolicySize": _packed_percent(policies, principal)} if policies or principal.tags else {}),
        **({"SourceIdentity": principal.source_identity} if principal.source_identity else {}),
    }


def _trusting(call: Call, tx: Transaction, request: Request) -> Role:
    """A role that is not there is refused like one that does not trust: nobody learns which roles there are."""
    asks = list(access.of_role(call, request))
    role = iam.find_role(tx, request["RoleArn"])
    role = role if role is not None and role.home == f"{call.partition}::{call.account}" else None
    for ask in asks:
        if role is None or not iam.lets_in(call, role, ask):
            raise _denied(call, ask)
    assert role is not None, "AssumeRole asks for something"
    return role


def _denied(call: Call, ask: Ask) -> AccessDenied:
    return AccessDenied(
        f"User: {call.principal_arn} is not authorized to perform: {ask.action} on resource: {ask.resource}"
    )


def _seconds(call: Call, role: Role, given: int | None) -> int:
    seconds = given or USUAL_SECONDS
    if call.principal.kind is PrincipalKind.ROLE and seconds > CHAINED_SECONDS:
        raise Invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        )
    if seconds > role.max_session_seconds:
        raise Invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    return seconds


def _policies(call: Call, tx: Transaction, request: Request) -> tuple[str, ...]:
    """Session policies: one document and ten managed ones at most. What they do not allow, the session may not."""
    arns = tuple(given["arn"] for given in request.get("PolicyArns", ()) if given.get("arn"))
    if len(arns) > MOST_POLICIES:
        raise Invalid(f"The number of managed session policies exceeds the limit of {MOST_POLICIES}.")
    for arn in arns:
        iam.attachable(call, tx, arn)
    document = request.get("Policy")
    if document is None:
        return arns
    iam.validate_policy(document)
    return (document, *arns)


def _session(call: Call, role: Role, request: Request, policies: tuple[str, ...]) -> Principal:
    name = request["RoleSessionName"]
    tags, transitive = _tags(call.principal, role, request)
    return Principal(
        kind=PrincipalKind.ROLE,
        arn=f"arn:{call.partition}:sts::{call.account}:assumed-role/{role.name}/{name}",
        account=call.account,
        user_id=f"{role.id}:{name}",
        issuer_arn=role.arn,
        session_name=name,
        session_policies=policies,
        tags=tuple(tags.items()),
        transitive_tags=transitive,
        source_identity=_source_identity(call.principal, request),
    )


def _source_identity(caller: Principal, request: Request) -> str:
    """Once set it goes on through every role that is assumed, and cannot be changed."""
    given: str = request.get("SourceIdentity", "")
    if caller.source_identity and given and given != caller.source_identity:
        raise AccessDenied("The source identity of a session cannot be changed by role chaining.")
    return caller.source_identity or given


def _tags(caller: Principal, role: Role, request: Request) -> tuple[dict[str, str], tuple[str, ...]]:
    """The role's tags, under those of the request, under those that came along and may not be overridden."""
    given = {tag["Key"]: tag["Value"] for tag in request.get("Tags", ())}
    _check_tags(caller, request.get("Tags", ()), given)
    inherited = {key: value for key, value in caller.tags if key in caller.transitive_tags}
    named = {key.lower() for key in (*given, *inherited)}
    own = {key: value for key, value in role.tags.items() if key.lower() not in named}
    transitive = (*caller.transitive_tags, *request.get("TransitiveTagKeys", ()))
    return {**own, **given, **inherited}, tuple(dict.fromkeys(transitive))


def _check_tags(caller: Principal, listed: Sequence[Request], given: dict[str, str]) -> None:
    if len(listed) > MOST_TAGS:
        raise Invalid(f"The number of session tags exceeds the limit of {MOST_TAGS}.")
    if len({key.lower() for key in given}) != len(listed):
        raise Invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    inherited = {key.lower() for key in caller.transitive_tags}
    if any(key.lower() in inherited for key in given):
        raise Invalid(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive "
            "tag key from the calling session."
        )


def _packed_percent(policies: Sequence[str], principal: Principal) -> int:
    size = sum(map(len, policies)) + sum(len(key) + len(value) for key, value in principal.tags)
    if size > MOST_PACKED * 2:
        raise PackedPolicyTooLarge("The packed size of the session policies and tags combined is too large.")
    return max(1, size * 100 // (MOST_PACKED * 2))
