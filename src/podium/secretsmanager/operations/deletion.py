"""Deleting secrets, at once or when a window ends in which they can be restored."""

from datetime import timedelta
from typing import Any

from podium.kernel.call import Call
from podium.secretsmanager import deleting, names, rotating, rules, views
from podium.secretsmanager.errors import MarkedForDeletion
from podium.secretsmanager.service import secretsmanager
from podium.store.records import replace
from podium.store.session import Transaction


@secretsmanager.operation
def delete_secret(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """By force also one that has been marked already; and one that is not there is no error then, as on AWS."""
    days = rules.recovery_days(request)
    if days is None:
        return _delete_now(call, tx, request["SecretId"])
    held = names.secret(call, tx, request["SecretId"])
    if held.deletes_at is not None:
        raise MarkedForDeletion
    rotating.end(tx, held)
    held = tx.put(replace(held, deletes_at=call.now + timedelta(days=days), changed_at=call.now))
    return views.named(held, DeletionDate=held.deletes_at)


def _delete_now(call: Call, tx: Transaction, given: str) -> dict[str, Any]:
    held = names.find(call, tx, given)
    if held is None:
        name = given.removeprefix(names.partial_arn(call, ""))
        return {"ARN": names.new_arn(call, name), "Name": name, "DeletionDate": call.now}
    deleting.delete(tx, held)
    return views.named(held, DeletionDate=call.now)


@secretsmanager.operation
def restore_secret(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """One that is not marked stays as it is."""
    held = names.secret(call, tx, request["SecretId"])
    if held.deletes_at is not None:
        tx.put(replace(held, deletes_at=None, changed_at=call.now))
    return views.named(held)
