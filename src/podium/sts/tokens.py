"""Temporary credentials that are kept nowhere.

The session token says whose session it is, what narrows it and until when, and carries a proof that only this
installation can make; the secret follows from the token. So sessions survive a restart, and end with their time,
with their user or role, or when the installation's key changes. The token is no secret: without the secret key it
signs nothing.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from podium.kernel.ids import Ids
from podium.kernel.principal import Principal, PrincipalKind
from podium.kernel.sealing import Sealer

PREFIX = "podium-session."
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PROOF, _SECRET = "session token", "session secret"


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    access_key_id: str
    secret: str
    token: str
    expires_at: datetime


def begun(sealer: Sealer, access_key_id: str, principal: Principal, now: datetime, lifetime: timedelta) -> Credentials:
    """Credentials for `principal` from now on, in whole seconds as AWS gives them."""
    begins = now.replace(microsecond=0)
    return issued(sealer, access_key_id, replace(principal, issued_at=begins, expires_at=begins + lifetime))


def issued(sealer: Sealer, access_key_id: str, principal: Principal) -> Credentials:
    """Credentials for `principal`, which must say when they expire."""
    assert principal.issued_at is not None, "a session begins"
    assert principal.expires_at is not None, "a session ends"
    body = base64.urlsafe_b64encode(json.dumps(_claims(access_key_id, principal)).encode()).decode()
    token = f"{PREFIX}{body}.{sealer.mac(_PROOF, body.encode()).hex()}"
    return Credentials(
        access_key_id=access_key_id, secret=_secret(sealer, token), token=token, expires_at=principal.expires_at
    )


def proved(sealer: Sealer, access_key_id: str, token: str) -> tuple[str, Principal] | None:
    """The secret and whose it is; None for a token that is not ours, or another key's.

    Whether it has expired is the caller's to ask: the principal says when.
    """
    body, _, proof = token.removeprefix(PREFIX).partition(".")
    expected = sealer.mac(_PROOF, body.encode("utf-8", "replace")).hex()
    if not token.startswith(PREFIX) or not hmac.compare_digest(proof.encode("utf-8", "replace"), expected.encode()):
        return None
    claims = _read(body)
    if claims is None or claims["key"] != access_key_id:
        return None
    return _secret(sealer, token), _principal(claims)


def new_access_key_id(ids: Ids) -> str:
    return "ASIA" + "".join(_BASE32[ids.below(32)] for _ in range(16))


def _claims(access_key_id: str, principal: Principal) -> dict[str, Any]:
    assert principal.issued_at is not None
    assert principal.expires_at is not None
    return {
        "key": access_key_id,
        "kind": principal.kind.value,
        "arn": principal.arn,
        "account": principal.account,
        "user": principal.user_id,
        "issuer": principal.issuer_arn,
        "name": principal.session_name,
        "policies": principal.session_policies,
        "tags": principal.tags,
        "transitive": principal.transitive_tags,
        "source": principal.source_identity,
        "issued": principal.issued_at.timestamp(),
        "expires": principal.expires_at.timestamp(),
    }


def _principal(claims: Mapping[str, Any]) -> Principal:
    return Principal(
        kind=PrincipalKind(claims["kind"]),
        arn=claims["arn"],
        account=claims["account"],
        user_id=claims["user"],
        issuer_arn=claims["issuer"],
        session_name=claims["name"],
        session_policies=tuple(claims["policies"]),
        tags=tuple((key, value) for key, value in claims["tags"]),
        transitive_tags=tuple(claims["transitive"]),
        source_identity=claims["source"],
        issued_at=datetime.fromtimestamp(claims["issued"], UTC),
        expires_at=datetime.fromtimestamp(claims["expires"], UTC),
    )


def _read(body: str) -> dict[str, Any] | None:
    try:
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body.encode()))
    except (ValueError, binascii.Error):
        return None
    return claims


def _secret(sealer: Sealer, token: str) -> str:
    return base64.b64encode(sealer.mac(_SECRET, token.encode()))[:40].decode()
