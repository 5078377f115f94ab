"""Forgets operations: GetOperation knows those of the last day."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from podium.servicediscovery.records import Operation
from podium.store.session import Change, Transaction

KEPT = timedelta(days=1)


class OperationController:
    """`key` is an operation's."""

    name = "servicediscovery.operations"
    kinds = (Operation,)

    def keys(self, change: Change) -> Iterable[str]:
        if change.kind is Operation and change.after is not None:
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return [operation.arn for operation in tx.list(Operation)]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        operation = tx.get(Operation, key)
        if operation is None:
            return None
        due = operation.created_at + KEPT
        if due > now:
            return due
        tx.delete(operation)
        return None
