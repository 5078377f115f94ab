"""What each STS operation asks to be allowed.

GetCallerIdentity and GetSessionToken need no permission. A role is asked for with the conditions that its trust
policy and the caller's policies may look at.
Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Security Token Service".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podium.iam import CredentialsVoid
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kernel.principal import PrincipalKind
from podium.store.session import Transaction
from podium.sts.errors import NotForAgents
from podium.sts.service import sts

Request = Mapping[str, Any]
Context = dict[str, str | tuple[str, ...]]
FREE = frozenset({"GetCallerIdentity", "GetSessionToken"})
OF_PLAIN_SESSIONS = frozenset({"GetCallerIdentity", "AssumeRole"})


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    if is_plain_session(call) and operation not in OF_PLAIN_SESSIONS | {"GetSessionToken"}:
        raise CredentialsVoid("sts")
    if operation in FREE:
        return ()
    if operation == "AssumeRole":
        return tuple(of_role(call, request))
    return (Ask(action=f"sts:{operation}"),)


def refuse_agents(call: Call, operation: str) -> None:
    """Agents are not judged by policies; here too they are held to what is theirs."""
    if call.principal.kind in (PrincipalKind.AGENT, PrincipalKind.INSTANCE):
        raise NotForAgents(call.principal_arn, operation)


def is_plain_session(call: Call) -> bool:
    """Whether GetSessionToken gave the caller its credentials."""
    return call.principal.expires_at is not None and call.principal.kind in (PrincipalKind.USER, PrincipalKind.ROOT)


def of_role(call: Call, request: Request) -> Iterator[Ask]:
    """Assuming a role; and, beside it, tagging the session and saying whose it is in truth."""
    context, arn = _context(call, request), request["RoleArn"]
    yield Ask(action="sts:AssumeRole", resource=arn, context=context)
    if request.get("Tags") or call.principal.transitive_tags:
        yield Ask(action="sts:TagSession", resource=arn, context=context)
    if request.get("SourceIdentity") or call.principal.source_identity:
        yield Ask(action="sts:SetSourceIdentity", resource=arn, context=context)


def _context(call: Call, request: Request) -> Context:
    context: Context = {"sts:RoleSessionName": request["RoleSessionName"]}
    if "ExternalId" in request:
        context["sts:ExternalId"] = request["ExternalId"]
    identity = request.get("SourceIdentity") or call.principal.source_identity
    if identity:
        context["sts:SourceIdentity"] = identity
    tags = request.get("Tags", ())
    if tags:
        context["aws:TagKeys"] = tuple(tag["Key"] for tag in tags)
        context.update({f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in tags})
    if request.get("TransitiveTagKeys"):
        context["sts:TransitiveTagKeys"] = tuple(request["TransitiveTagKeys"])
    return context


sts.asks = asks
