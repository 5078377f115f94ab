"""Credentials of one container instance: short-lived, good for nothing but itself, and kept nowhere.

The session token says which instance, until when, and carries a proof that only this installation can
make; the secret follows from the token. So they survive a restart and need no record; what revokes them
is the instance's record.
"""

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from podium.kernel.principal import Principal, PrincipalKind
from podium.kernel.sealing import Sealer

PREFIX = "podium-instance."
LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class InstanceKey:
    access_key_id: str
    secret: str
    token: str
    expires_at: datetime


def issued(sealer: Sealer, instance_arn: str, now: datetime) -> InstanceKey:
    ends = now + LIFETIME
    claims = {"instance": instance_arn, "issued": now.timestamp(), "expires": ends.timestamp()}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    proof = sealer.mac("instance token", body.encode()).hex()
    token = f"{PREFIX}{body}.{proof}"
    return InstanceKey(access_key_id=_access_key(proof), secret=_secret(sealer, token), token=token, expires_at=ends)


def proved(sealer: Sealer, access_key_id: str, token: str) -> tuple[str, Principal] | None:
    """The secret and whose it is; None for a token that is not ours. Whether it has expired is the caller's to ask."""
    body, _, proof = token.removeprefix(PREFIX).partition(".")
    expected = sealer.mac("instance token", body.encode("utf-8", "replace")).hex()
    if not hmac.compare_digest(proof.encode("utf-8", "replace"), expected.encode()) or access_key_id != _access_key(
        proof
    ):
        return None
    claims: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(body))
    return _secret(sealer, token), Principal(
        kind=PrincipalKind.INSTANCE,
        arn=claims["instance"],
        account=claims["instance"].split(":")[4],
        user_id=claims["instance"].rpartition("/")[2],
        issuer_arn=claims["instance"],
        issued_at=datetime.fromtimestamp(claims["issued"], UTC),
        expires_at=datetime.fromtimestamp(claims["expires"], UTC),
    )


def _access_key(proof: str) -> str:
    return "ASIA" + base64.b32encode(bytes.fromhex(proof))[:16].decode()


def _secret(sealer: Sealer, token: str) -> str:
    return base64.b64encode(sealer.mac("instance secret", token.encode())).decode()[:40]
