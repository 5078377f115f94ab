"""Whether a caller may: the policies that bear on it, gathered and asked.

Root may do everything. A user's policies are its own and its groups'; a session's are its role's, narrowed by what
it was given on the way. Credentials of a user or a role that is no more, or is another of the same name, count for
nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from podium.iam import managed
from podium.iam.circumstances import Circumstances
from podium.iam.denials import AccessDenied, CredentialsVoid
from podium.iam.policy import (
    Decision,
    Document,
    Layer,
    Policies,
    Reach,
    Request,
    Verdict,
    Who,
    compiled,
    decide,
    trusted,
)
from podium.iam.policy.trust import account_names
from podium.iam.records import AccessKey, Group, Holder, Policy, Role, User
from podium.iam.trusting import names_itself
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kernel.principal import Principal, PrincipalKind
from podium.store.session import Transaction

_BY_TRUST = frozenset({"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"})
EVERYTHING = compiled('{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}')
NOTHING = compiled('{"Statement": []}')  # a policy that was deleted while sessions still named it


def authorize(call: Call, tx: Transaction, service: str, asks: Sequence[Ask]) -> None:
    """Raises AccessDenied in the words of `service` for the first ask that is refused."""
    if call.principal.is_root:
        _bind_root(call, service, asks)
        return
    held = holder(tx, call.principal)
    if held is None:
        raise CredentialsVoid(service)
    policies = policies_of(tx, held, call.principal)
    for ask in asks:
        decision = _decided(call, policies, ask)
        if not decision.allowed and not _role_allows(call, tx, ask, policies, decision):
            raise AccessDenied(service, call.principal.arn, ask, decision)


def _bind_root(call: Call, service: str, asks: Sequence[Ask]) -> None:
    """Root has no policies of its own, and is bound by what a resource's denies."""
    for ask in asks:
        if ask.policy and trusted(compiled(ask.policy), _request(call, ask), _who(call.principal)) is Reach.DENIED:
            raise AccessDenied(service, call.principal.arn, ask, Decision(Verdict.EXPLICIT_DENY, Layer.RESOURCE))


def allows(call: Call, tx: Transaction, ask: Ask) -> bool:
    """Whether the caller might do this too, for what is done on its behalf."""
    if call.principal.is_root:
        return True
    held = holder(tx, call.principal)
    return held is not None and _decided(call, policies_of(tx, held, call.principal), ask).allowed


def judged(call: Call, policies: Policies, ask: Ask) -> Decision:
    """What the caller's own policies say."""
    return decide(policies, _request(call, ask))


def _request(call: Call, ask: Ask) -> Request:
    return Request(ask.action.lower(), ask.resource, Circumstances(call, ask))


def _decided(call: Call, policies: Policies, ask: Ask) -> Decision:
    """With the resource's own policy: whom it denies is denied, and whom it names needs nobody else's leave.

    That goes past a user's boundary, but not past what narrows a role and its sessions.
    Source: IAM User Guide, "Policy evaluation for requests within a single account".
    """
    own = judged(call, policies, ask)
    if not ask.policy or own.verdict is Verdict.EXPLICIT_DENY:
        return own
    reach = trusted(compiled(ask.policy), _request(call, ask), _who(call.principal))
    if reach is Reach.DENIED:
        return Decision(Verdict.EXPLICIT_DENY, Layer.RESOURCE)
    if reach is Reach.NONE and ask.decides:
        return Decision(Verdict.IMPLICIT_DENY, Layer.RESOURCE)
    narrowed = call.principal.kind is PrincipalKind.ROLE and not judged(call, _narrowing(policies), ask).allowed
    return Decision(Verdict.ALLOWED) if reach is Reach.NAMED and not narrowed else own


def _who(principal: Principal) -> Who:
    return Who("AWS", frozenset({principal.arn, principal.issuer_arn} - {""}), account_names(principal.account))


def _role_allows(call: Call, tx: Transaction, ask: Ask, policies: Policies, decision: Decision) -> bool:
    """A role that names the very caller in its trust policy needs nobody's leave, as long as nobody denies it.

    That goes past a user's boundary, but not past what narrows a role and its sessions.
    Source: IAM User Guide, "Policy evaluation for requests within a single account".
    """
    if ask.action not in _BY_TRUST or decision.verdict is not Verdict.IMPLICIT_DENY:
        return False
    if call.principal.kind is PrincipalKind.ROLE and not judged(call, _narrowing(policies), ask).allowed:
        return False
    role = tx.get(Role, ask.resource)
    return role is not None and names_itself(call, role, ask)


def _narrowing(policies: Policies) -> Policies:
    """What is left of `policies` for somebody whose own allow everything."""
    return replace(policies, identity=(EVERYTHING,))


def holder(tx: Transaction, principal: Principal) -> User | Role | None:
    """Whose policies count: None when it is gone, or when another has taken its name."""
    if principal.kind is PrincipalKind.USER:
        user = tx.get(User, principal.issuer_arn)
        return user if user is not None and user.id == principal.user_id else None
    role = tx.get(Role, principal.issuer_arn)
    return role if role is not None and role.id == principal.user_id.partition(":")[0] else None


def policies_of(tx: Transaction, held: User | Role, principal: Principal) -> Policies:
    sources: list[Holder] = [held]
    if isinstance(held, User):
        sources += [group for arn in held.groups if (group := tx.get(Group, arn)) is not None]
    identity = [document for source in sources for document in _documents(tx, source)]
    boundary = _managed(tx, held.boundary) if held.boundary else None
    session = [_session(tx, given) for given in principal.session_policies]
    return Policies(identity, boundary, session or None)


def _documents(tx: Transaction, source: Holder) -> Iterable[Document]:
    yield from map(compiled, source.inline.values())
    for arn in source.attached:
        yield _managed(tx, arn)


def _managed(tx: Transaction, arn: str) -> Document:
    found = find_policy(tx, arn)
    return compiled(found.document) if found is not None else NOTHING


def _session(tx: Transaction, given: str) -> Document:
    return _managed(tx, given) if given.startswith("arn:") else compiled(given)


def find_policy(tx: Transaction, arn: str) -> Policy | None:
    """A customer's managed policy or AWS's."""
    return managed.find(arn) if managed.is_managed(arn) else tx.get(Policy, arn)


def principal_of_access_key(tx: Transaction, access_key_id: str) -> tuple[AccessKey, Principal] | None:
    """The key and the user who signs with it. An inactive key is unknown."""
    for key in tx.list(AccessKey, access_key_id=access_key_id):
        user = tx.get(User, key.user_arn)
        if key.status == "Active" and user is not None:
            return key, principal_of(user)
    return None


def principal_of(user: User) -> Principal:
    return Principal(
        kind=PrincipalKind.USER,
        arn=user.arn,
        account=user.arn.split(":")[4],
        user_id=user.id,
        issuer_arn=user.arn,
        tags=tuple(user.tags.items()),
    )
