"""Rotation of keys: it is settled and shown, and no key has been given new material yet."""

from typing import Any

from podium.kernel.call import Call
from podium.kms import names, using, views
from podium.kms.operations.keys import own
from podium.kms.service import kms
from podium.store.records import replace
from podium.store.session import Transaction

USUAL_DAYS = 365


@kms.operation(reads=True)
def get_key_rotation_status(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return views.rotation(names.key(call, tx, request["KeyId"]))


@kms.operation
def enable_key_rotation(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """A period that is not given stays as it was."""
    held = using.usable(own(call, tx, request["KeyId"], "EnableKeyRotation"))
    days = request.get("RotationPeriodInDays") or held.rotation_days or USUAL_DAYS
    tx.put(replace(held, rotation_days=days, rotation_since=held.rotation_since or call.now))
    return {}


@kms.operation
def disable_key_rotation(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = using.usable(own(call, tx, request["KeyId"], "DisableKeyRotation"))
    tx.put(replace(held, rotation_days=None, rotation_since=None))
    return {}
