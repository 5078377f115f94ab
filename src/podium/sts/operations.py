"""What STS answers: GetCallerIdentity, which every tool asks first."""

from typing import Any

from podium.kernel.call import Call
from podium.store.session import Transaction
from podium.sts.service import sts


@sts.operation(reads=True)
def get_caller_identity(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    user_id = call.account if call.principal_arn.endswith(":root") else call.access_key_id
    return {"UserId": user_id, "Account": call.account, "Arn": call.principal_arn}
