"""Deletes secrets, with their versions, once their recovery window has ended."""

from collections.abc import Iterable
from datetime import datetime

from podium.secretsmanager import deleting
from podium.secretsmanager.records import Secret
from podium.store.session import Change, Transaction


class SecretController:
    """`key` is a secret's ARN."""

    name = "secretsmanager.secrets"

    def keys(self, change: Change) -> Iterable[str]:
        if change.kind is Secret and change.after is not None and change.after.deletes_at is not None:
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return [secret.arn for secret in tx.list(Secret) if secret.deletes_at is not None]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        held = tx.get(Secret, key)
        if held is None or held.deletes_at is None:
            return None
        if held.deletes_at > now:
            return held.deletes_at
        deleting.delete(tx, held)
        return None
