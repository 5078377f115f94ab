"""Trust policies of roles, and policies of other resources, asked about callers and about services."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from podium.iam.circumstances import Circumstances
from podium.iam.errors import MalformedPolicyDocument
from podium.iam.policy import Facts, Reach, Request, Who, compiled, trusted
from podium.iam.policy.document import listed
from podium.iam.policy.trust import account_names
from podium.iam.records import Role, User
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kernel.principal import Principal
from podium.store.session import Transaction


def lets_in(call: Call, role: Role, ask: Ask) -> bool:
    """Whether the role's trust policy admits the caller, or leaves it to the account's policies."""
    return _reach(call, role, ask) > Reach.NONE


def names_itself(call: Call, role: Role, ask: Ask) -> bool:
    """Whether the trust policy names the very caller, and not merely its account."""
    return _reach(call, role, ask) is Reach.NAMED


def trusts_service(role: Role, service: str, context: Mapping[str, str] | None = None) -> bool:
    """Whether a service such as `ecs-tasks.amazonaws.com` may assume the role.

    `context` holds the condition keys that say on whose behalf: `aws:SourceArn`, `aws:SourceAccount`.
    """
    facts = Facts({"aws:PrincipalServiceName": service, **(context or {})})
    request = Request("sts:assumerole", role.arn, facts)
    return trusted(compiled(role.trust), request, Who("Service", frozenset({service}))) is Reach.NAMED


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceAsk:
    """What a service of AWS's asks of a resource, on whose behalf its `context` says. Nobody's own policies count."""

    action: str
    resource: str
    context: Mapping[str, str]


def admits_service(policy: str, service: str, ask: ServiceAsk) -> bool:
    """Whether a resource's policy names the service, and nothing in it denies what it asks."""
    who, context = Who("Service", frozenset({service})), {"aws:PrincipalServiceName": service, **ask.context}
    return _admitted(policy, who, ask, context) is Reach.NAMED


def admits_account(policy: str, account: str, ask: ServiceAsk) -> bool:
    """Whether it names an account of AWS's own, from which a service asks."""
    return _admitted(policy, Who("AWS", frozenset(), account_names(account)), ask, ask.context) > Reach.NONE


def _admitted(policy: str, who: Who, ask: ServiceAsk, context: Mapping[str, str]) -> Reach:
    return trusted(compiled(policy), Request(ask.action.lower(), ask.resource, Facts(context)), who)


def _reach(call: Call, role: Role, ask: Ask) -> Reach:
    request = Request(ask.action.lower(), ask.resource, Circumstances(call, ask))
    return trusted(compiled(role.trust), request, who(call.principal, role))


def who(principal: Principal, role: Role) -> Who:
    """A user or role of the account is known by its id too: another of the same name is not the one meant."""
    mine = principal.user_id.partition(":")[0]
    names = frozenset({principal.arn, principal.issuer_arn} - {""})
    meant = role.trusted_ids.get(principal.issuer_arn, mine)
    unlike = names if meant != mine else frozenset()
    return Who("AWS", names, account_names(principal.account), unlike)


def ids_of_trusted(call: Call, tx: Transaction, trust: str) -> dict[str, str]:
    """The ids behind the ARNs of this account's users and roles in a trust policy. They must exist."""
    found: dict[str, str] = {}
    for arn in _named(json.loads(trust)):
        parts = arn.split(":", 5)
        if len(parts) != 6 or parts[2] != "iam" or parts[4] != call.account or parts[5] == "root":
            continue
        record = tx.get(User, arn) or tx.get(Role, arn)
        if record is None:
            raise MalformedPolicyDocument(f'Invalid principal in policy: "AWS":"{arn}"')
        found[arn] = record.id
    return found


def _named(body: dict[str, Any]) -> list[str]:
    statements = body["Statement"] if isinstance(body["Statement"], list) else [body["Statement"]]
    given = [s.get("Principal", s.get("NotPrincipal")) for s in statements]
    return [arn for principals in given if isinstance(principals, dict) for arn in listed(principals.get("AWS"))]
