"""A session whose channel nobody opened in time is none."""

from collections.abc import Iterable
from datetime import datetime

from podium.ecs.records import ExecSession
from podium.store.session import Change, Transaction


class ExecSessionController:
    name = "ecs.exec_sessions"
    kinds = (ExecSession,)

    def keys(self, change: Change) -> Iterable[str]:
        if change.kind is ExecSession:
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return [session.arn for session in tx.list(ExecSession)]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        session = tx.get(ExecSession, key)
        if session is None or session.attached_at is not None:
            return None
        if session.token_expires_at > now:
            return session.token_expires_at
        tx.delete(session)
        return None
