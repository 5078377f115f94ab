"""Passwords of chance, which are told and not kept."""

from typing import Any

from podium.kernel.call import Call
from podium.secretsmanager import passwords
from podium.secretsmanager.service import secretsmanager
from podium.store.session import Transaction


@secretsmanager.operation(reads=True)
def get_random_password(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"RandomPassword": passwords.password(request)}
