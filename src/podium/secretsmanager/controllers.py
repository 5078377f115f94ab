"""Deletes secrets, with their versions, once their recovery window has ended; begins rotations that are due."""

import logging
from collections.abc import Iterable
from datetime import datetime

from podium.kernel.ids import Ids
from podium.secretsmanager import deleting, rotating
from podium.secretsmanager.errors import InvalidRequest
from podium.secretsmanager.records import Secret
from podium.store.session import Change, Transaction

log = logging.getLogger("podium.rotation")


class SecretController:
    """`key` is a secret's ARN."""

    name = "secretsmanager.secrets"
    kinds = (Secret,)

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    def keys(self, change: Change) -> Iterable[str]:
        if change.kind is Secret and change.after is not None and _due(change.after) is not None:
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return [secret.arn for secret in tx.list(Secret) if _due(secret) is not None]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        held = tx.get(Secret, key)
        due = _due(held) if held is not None else None
        if held is None or due is None or due > now:
            return due
        if held.deletes_at is not None:
            deleting.delete(tx, held)
            return None
        return _due(self._rotated(tx, held, now))

    def _rotated(self, tx: Transaction, held: Secret, now: datetime) -> Secret:
        """The window of a rotation that is still to be mended is let go by."""
        try:
            return rotating.begin(tx, held, self._ids.uuid(), now)
        except InvalidRequest as error:
            log.warning("rotation is put off secret=%s reason=%s", held.arn, error)
            return tx.put(rotating.scheduled(held, now))


def _due(held: Secret) -> datetime | None:
    return held.deletes_at if held.deletes_at is not None else held.rotates_at
