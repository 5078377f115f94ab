"""Who a caller is, and whose a key is."""

from typing import Any

from podium.iam import principal_of_access_key
from podium.kernel.call import Call
from podium.store.session import Transaction
from podium.sts import access
from podium.sts.errors import AccessDenied, InvalidAuthorizationMessage
from podium.sts.service import sts


@sts.operation(reads=True)
def get_caller_identity(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    principal = call.principal
    return {"UserId": principal.user_id or call.account, "Account": call.account, "Arn": principal.arn}


@sts.operation(reads=True)
def get_access_key_info(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The account that a user's key belongs to, or the caller's own."""
    access.refuse_agents(call, "GetAccessKeyInfo")
    found = principal_of_access_key(tx, request["AccessKeyId"])
    if found is None and request["AccessKeyId"] != call.access_key_id:
        raise AccessDenied("The specified access key does not exist.")
    return {"Account": found[1].account if found else call.account}


@sts.operation(reads=True)
def decode_authorization_message(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """No denial of Podium's is encoded: whatever a caller brings was not made here."""
    raise InvalidAuthorizationMessage
