"""Deletes keys, with their aliases, once their window has ended. What they encrypted stays unreadable."""

from collections.abc import Iterable
from datetime import datetime

from podium.kms.records import Alias, Key
from podium.store.session import Change, Transaction


class KeyController:
    """`key` is a KMS key's ARN."""

    name = "kms.keys"
    kinds = (Key,)

    def keys(self, change: Change) -> Iterable[str]:
        if change.kind is Key and change.after is not None and change.after.deletes_at is not None:
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return [key.arn for key in tx.list(Key) if key.deletes_at is not None]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        held = tx.get(Key, key)
        if held is None or held.deletes_at is None:
            return None
        if held.deletes_at > now:
            return held.deletes_at
        for alias in tx.list(Alias, key_arn=held.arn):
            tx.delete(alias)
        tx.delete(held)
        return None
