"""Keys: making, showing, disabling and deleting them."""

from datetime import timedelta
from typing import Any

from podium.kernel.call import Call
from podium.kms import names, rules, using, views
from podium.kms.errors import ManagedByAws, NotPendingDeletion, PendingDeletion
from podium.kms.operations.paging import page
from podium.kms.records import Key
from podium.kms.service import kms
from podium.store.records import replace
from podium.store.session import Transaction


@kms.operation
def create_key(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    rules.symmetric(request)
    policy = rules.policy(request["Policy"]) if request.get("Policy") else ""
    tags, told = rules.tags(request.get("Tags")), request.get("Description") or ""
    made = using.new_key(call, policy, description=told, tags=tags)
    return {"KeyMetadata": views.key(tx.put(made))}


@kms.operation
def describe_key(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Asking for the alias of a service's key that has not been used yet makes the key."""
    given = request["KeyId"].removeprefix(names.arn(call.home, ""))
    service = given.removeprefix(names.MANAGED)
    if given.startswith(names.MANAGED) and service in names.SERVICES:
        return {"KeyMetadata": views.key(using.managed_key(call, tx, service))}
    return {"KeyMetadata": views.key(names.key(call, tx, request["KeyId"]))}


@kms.operation(reads=True)
def list_keys(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    shown, more = page(tx.list(Key, home=call.home), lambda key: key.id, request)
    return {"Keys": [{"KeyId": key.id, "KeyArn": key.arn} for key in shown], **more}


@kms.operation
def update_key_description(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    tx.put(replace(changeable(call, tx, request["KeyId"], "UpdateKeyDescription"), description=request["Description"]))
    return {}


@kms.operation
def enable_key(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    tx.put(replace(changeable(call, tx, request["KeyId"], "EnableKey"), enabled=True))
    return {}


@kms.operation
def disable_key(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    tx.put(replace(changeable(call, tx, request["KeyId"], "DisableKey"), enabled=False))
    return {}


@kms.operation
def schedule_key_deletion(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """From now on the key does nothing; it is deleted when the window ends."""
    held = changeable(call, tx, request["KeyId"], "ScheduleKeyDeletion")
    days = rules.pending_days(request.get("PendingWindowInDays"))
    held = tx.put(replace(held, deletes_at=call.now + timedelta(days=days)))
    return {
        "KeyId": held.arn,
        "DeletionDate": held.deletes_at,
        "KeyState": views.state(held),
        "PendingWindowInDays": days,
    }


@kms.operation
def cancel_key_deletion(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The key is disabled then, as on AWS."""
    held = own(call, tx, request["KeyId"], "CancelKeyDeletion")
    if held.deletes_at is None:
        raise NotPendingDeletion(held.arn)
    tx.put(replace(held, deletes_at=None, enabled=False))
    return {"KeyId": held.arn}


def own(call: Call, tx: Transaction, given: str, operation: str) -> Key:
    """A customer's key. Raises NotFound, InvalidArn, ManagedByAws."""
    held = names.key(call, tx, given)
    if held.manager == "AWS":
        raise ManagedByAws(call.principal_arn, operation, held.arn)
    return held


def changeable(call: Call, tx: Transaction, given: str, operation: str) -> Key:
    """A customer's key that is not on its way out. Raises what `own` does, and PendingDeletion."""
    held = own(call, tx, given, operation)
    if held.deletes_at is not None:
        raise PendingDeletion(held.arn)
    return held
