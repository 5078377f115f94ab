"""Client tokens: who asks again gets what was made the first time.

Source: API Reference, "Ensuring idempotency".
"""

from typing import Any, TypeVar

from podium.ec2 import lookups
from podium.ec2.errors import TokenMismatch
from podium.kernel.call import Call
from podium.store.session import Transaction

R = TypeVar("R")


def made_before(call: Call, tx: Transaction, kind: type[R], token: str | None, **same: Any) -> R | None:
    """What was made with the token. Raises IdempotentParameterMismatch when its fields are not as in `same`."""
    if not token:
        return None
    rows: list[Any] = lookups.every(tx, call.home, kind)
    found = next((row for row in rows if row.client_token == token), None)
    if found is not None and any(getattr(found, name) != value for name, value in same.items()):
        raise TokenMismatch(
            "The request uses the same client token as a previous, but non-identical request.",
        )
    return found


def with_token(answer: dict[str, Any], token: str | None) -> dict[str, Any]:
    return {**answer, "ClientToken": token} if token else answer
