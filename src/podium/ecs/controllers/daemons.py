"""Lets go of daemons that are deleted, and of daemon task definitions that no daemon has any more."""

from collections.abc import Iterable
from datetime import datetime

from podium.ecs.records import Daemon, DaemonDeployment, DaemonRevision, DaemonTaskDefinition
from podium.store.records import replace
from podium.store.session import Change, Transaction

LEAVING = "DELETE_IN_PROGRESS"


class DaemonController:
    name = "ecs.daemons"
    kinds = (Daemon, DaemonTaskDefinition, DaemonRevision)

    def keys(self, change: Change) -> Iterable[str]:
        if isinstance(change.after, Daemon | DaemonTaskDefinition) and change.after.status == LEAVING:
            yield change.key
        elif isinstance(change.before, DaemonRevision) and change.after is None:
            yield change.before.task_definition_arn

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        leaving = [d.arn for d in tx.list(Daemon) if d.status == LEAVING]
        return leaving + [d.arn for d in tx.list(DaemonTaskDefinition) if d.status == LEAVING]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        daemon = tx.get(Daemon, key)
        if daemon is not None and daemon.status == LEAVING:
            for record in (*tx.list(DaemonDeployment, daemon_arn=key), *tx.list(DaemonRevision, daemon_arn=key)):
                tx.delete(record)
            tx.delete(daemon)
        definition = tx.get(DaemonTaskDefinition, key)
        if definition is not None and definition.status == LEAVING and not self._used(tx, key):
            tx.put(replace(definition, status="DELETED"))
        return None

    def _used(self, tx: Transaction, definition_arn: str) -> bool:
        current = (tx.get(DaemonRevision, d.revision_arn) for d in tx.list(Daemon))
        return any(r is not None and r.task_definition_arn == definition_arn for r in current)
