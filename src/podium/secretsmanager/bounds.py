"""What a rotation's command may ever do: look after the one secret that it rotates, until the rotation ends."""

from collections.abc import Mapping
from typing import Any

from podium.kernel.call import Call
from podium.secretsmanager import names
from podium.secretsmanager.errors import RotationIsOver
from podium.secretsmanager.records import SecretRotation
from podium.store.session import Transaction

OF_ITS_SECRET = frozenset(
    {"DescribeSecret", "GetSecretValue", "ListSecretVersionIds", "PutSecretValue", "UpdateSecretVersionStage"}
)


def allow(call: Call, tx: Transaction, operation: str, request: Mapping[str, Any]) -> bool:
    """Raises RotationIsOver for a credential of a rotation that has ended."""
    secret_arn, token = call.principal.issuer_arn, call.principal.session_name
    under_way = tx.get(SecretRotation, secret_arn)
    if under_way is None or under_way.token != token:
        raise RotationIsOver(f"{call.principal.arn} may do no more: its rotation has ended.")
    if operation == "GetRandomPassword":
        return True
    held = names.find(call, tx, request.get("SecretId", ""))
    return operation in OF_ITS_SECRET and held is not None and held.arn == secret_arn
