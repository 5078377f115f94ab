"""Secrets by name and ARN, also by an ARN without the six characters at its end.

A secret of another account or region is not there.
"""

import string

from podium.kernel.call import Call
from podium.secretsmanager.errors import MarkedForDeletion, SecretNotFound
from podium.secretsmanager.records import Secret, SecretVersion
from podium.store.session import Transaction

SERVICE = "secretsmanager"
SUFFIX = 6
_ALPHABET = string.ascii_letters + string.digits


def partial_arn(call: Call, name: str) -> str:
    return call.arn(SERVICE, f"secret:{name}")


def new_arn(call: Call, name: str) -> str:
    """It ends as no secret of that name did before: who may read one may not read the next."""
    suffix = "".join(_ALPHABET[call.ids.below(len(_ALPHABET))] for _ in range(SUFFIX))
    return f"{partial_arn(call, name)}-{suffix}"


def find(call: Call, tx: Transaction, given: str) -> Secret | None:
    found = tx.get(Secret, given)
    if found is not None:
        return found if found.home == call.home else None
    before = partial_arn(call, "")
    if given.startswith("arn:") and not given.startswith(before):
        return None
    return next(iter(tx.list(Secret, home=call.home, name=given.removeprefix(before))), None)


def secret(call: Call, tx: Transaction, given: str) -> Secret:
    """Also one that is going to be deleted. Raises SecretNotFound."""
    found = find(call, tx, given)
    if found is None:
        raise SecretNotFound
    return found


def living(call: Call, tx: Transaction, given: str) -> Secret:
    """Raises SecretNotFound, MarkedForDeletion."""
    found = secret(call, tx, given)
    if found.deletes_at is not None:
        raise MarkedForDeletion
    return found


def version(tx: Transaction, held: Secret, version_id: str) -> SecretVersion | None:
    return tx.get(SecretVersion, version_arn(held.arn, version_id))


def version_arn(secret_arn: str, version_id: str) -> str:
    return f"{secret_arn}:{version_id}"


def versions(tx: Transaction, held: Secret) -> list[SecretVersion]:
    """The oldest first."""
    return sorted(tx.list(SecretVersion, secret_arn=held.arn), key=lambda version: version.created_at)
