"""The condition keys that every request has: who calls, from where, when, how.

Source: IAM User Guide, "AWS global condition context keys".
"""

from collections.abc import Callable, Mapping

from podium.iam.policy import Facts
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kernel.principal import PrincipalKind

Values = tuple[str, ...]
_TAG = "aws:principaltag/"
_TYPES = {PrincipalKind.ROOT: "Account", PrincipalKind.USER: "User", PrincipalKind.ROLE: "AssumedRole"}


class Circumstances:
    """An ask's own keys first, then the call's. Nothing is worked out before a policy asks for it."""

    __slots__ = ("_ask", "_call", "_own")

    def __init__(self, call: Call, ask: Ask) -> None:
        self._call, self._ask = call, ask
        self._own: Facts | None = None

    def get(self, key: str, /) -> Values | None:
        if self._own is None:
            self._own = Facts(self._ask.context)
        held = self._own.get(key)
        if held is not None:
            return held
        if key.startswith(_TAG):
            value = _principal_tag(self._call, key.removeprefix(_TAG))
        elif key == "aws:resourceaccount":
            value = _account_of(self._ask.resource) or self._call.account
        else:
            value = _FACTS[key](self._call) if key in _FACTS else None
        return (value,) if value is not None else None


def _principal_tag(call: Call, key: str) -> str | None:
    return next((v for k, v in call.principal.tags if k.lower() == key), None)


def _account_of(arn: str) -> str | None:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[4] else None


def _username(call: Call) -> str | None:
    arn = call.principal.issuer_arn
    return arn.rpartition("/")[2] if call.principal.kind is PrincipalKind.USER else None


def _when(call: Call) -> str:
    return call.now.strftime("%Y-%m-%dT%H:%M:%SZ")


def _issued(call: Call) -> str | None:
    issued = call.principal.issued_at
    return issued.strftime("%Y-%m-%dT%H:%M:%SZ") if issued else None


def _mfa(call: Call) -> str | None:
    """Only temporary credentials say anything of it, and none were ever given for a second factor."""
    return "false" if call.principal.expires_at is not None else None


_FACTS: Mapping[str, Callable[[Call], str | None]] = {
    "aws:principalarn": lambda call: call.principal.issuer_arn or call.principal.arn,
    "aws:principalaccount": lambda call: call.principal.account,
    "aws:principaltype": lambda call: _TYPES.get(call.principal.kind),
    "aws:userid": lambda call: call.principal.user_id,
    "aws:username": _username,
    "aws:sourceidentity": lambda call: call.principal.source_identity or None,
    "aws:sourceip": lambda call: call.source_ip,
    "aws:useragent": lambda call: call.user_agent or None,
    "aws:currenttime": _when,
    "aws:epochtime": lambda call: str(int(call.now.timestamp())),
    "aws:tokenissuetime": _issued,
    "aws:multifactorauthpresent": _mfa,
    "aws:securetransport": lambda call: "true" if call.endpoint.startswith("https:") else "false",
    "aws:requestedregion": lambda call: call.region,
    "aws:viaawsservice": lambda call: "false",
    "aws:principalisawsservice": lambda call: "false",
}
