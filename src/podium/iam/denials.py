"""How each family of services says that a caller may not.

Source: IAM User Guide, "Troubleshoot access denied error messages", and what AWS's clients print.
"""

from functools import cache

from podium.iam.policy import Decision, Verdict
from podium.kernel.access import Ask
from podium.kernel.errors import ClientError
from podium.wire.model import service_model

# family -> (code, status) of a denial, and of credentials that no longer count
_DENIED = {
    "json": ("AccessDeniedException", 400),
    "rest": ("AccessDeniedException", 403),
    "query": ("AccessDenied", 403),
    "ec2": ("UnauthorizedOperation", 403),
    "s3": ("AccessDenied", 403),
}
_VOID = {
    "json": ("UnrecognizedClientException", 400),
    "rest": ("UnrecognizedClientException", 403),
    "query": ("InvalidClientTokenId", 403),
    "ec2": ("AuthFailure", 401),
    "s3": ("InvalidAccessKeyId", 403),
}
_FAMILIES = {"json": "json", "smithy-rpc-v2-cbor": "json", "query": "query", "ec2": "ec2"}
_SILENT = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")  # STS never says which policy was missing


class AccessDenied(ClientError):
    """The sentence names the caller, the action, the resource and the kind of policy that stood in the way."""

    def __init__(self, service: str, principal_arn: str, ask: Ask, decision: Decision) -> None:
        self.code, self.status = _DENIED[_family(service)]  # type: ignore[misc]
        opening = "You are not authorized to perform this operation. " if _family(service) == "ec2" else ""
        told = f"{opening}User: {principal_arn} is not authorized to perform: {ask.action} on resource: "
        super().__init__(told + (ask.shown or ask.resource) + _because(ask, decision))


class CredentialsVoid(ClientError):
    """The user or role that the credentials were given for is no more, or they do not serve for this service."""

    def __init__(self, service: str) -> None:
        self.code, self.status = _VOID[_family(service)]  # type: ignore[misc]
        super().__init__("The security token included in the request is invalid")


def _because(ask: Ask, decision: Decision) -> str:
    if ask.action in _SILENT or decision.layer is None:
        return ""
    if decision.verdict is Verdict.EXPLICIT_DENY:
        article = "an" if decision.layer[0] in "aeiou" else "a"
        return f" with an explicit deny in {article} {decision.layer}"
    return f" because no {decision.layer} allows the {ask.action} action"


@cache
def _family(service: str) -> str:
    if service == "s3":
        return "s3"
    protocols = service_model(service).metadata
    return _FAMILIES.get(protocols.get("protocol", ""), "rest")
