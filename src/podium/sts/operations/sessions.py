"""GetSessionToken: a user's own permissions, for a while."""

from datetime import timedelta
from typing import Any

from podium.kernel.call import Call
from podium.kernel.principal import Principal
from podium.store.session import Transaction
from podium.sts import access, tokens
from podium.sts.errors import AccessDenied
from podium.sts.service import sts

USUAL_SECONDS, MOST_OF_ROOT_SECONDS = 43_200, 3_600


@sts.operation
def get_session_token(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """12 hours unless said otherwise; root's are cut to one hour."""
    access.refuse_agents(call, "GetSessionToken")
    if call.principal.expires_at is not None:
        raise AccessDenied("Cannot call GetSessionToken with session credentials")
    if "SerialNumber" in request or "TokenCode" in request:
        raise AccessDenied(
            "MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA "
            "serial number is valid and associated with this user."
        )
    seconds = request.get("DurationSeconds", USUAL_SECONDS)
    if call.principal.is_root:
        seconds = min(seconds, MOST_OF_ROOT_SECONDS)
    return {"Credentials": shown(begun(call, call.principal, seconds))}


def begun(call: Call, principal: Principal, seconds: int) -> tokens.Credentials:
    """Credentials for `principal` from now on, in whole seconds as AWS gives them."""
    access_key_id = tokens.new_access_key_id(call.ids)
    return tokens.begun(call.sealer, access_key_id, principal, call.now, timedelta(seconds=seconds))


def shown(credentials: tokens.Credentials) -> dict[str, Any]:
    return {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret,
        "SessionToken": credentials.token,
        "Expiration": credentials.expires_at,
    }
