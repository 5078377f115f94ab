"""Aliases of keys."""

from typing import Any

from podium.kernel.call import Call
from podium.kms import names, views
from podium.kms.errors import AliasExists
from podium.kms.operations.keys import changeable
from podium.kms.operations.paging import page
from podium.kms.records import Alias
from podium.kms.service import kms
from podium.store.records import replace
from podium.store.session import Transaction


@kms.operation
def create_alias(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    name = names.own_alias(request["AliasName"])
    key, arn = changeable(call, tx, request["TargetKeyId"], "CreateAlias"), names.arn(call.home, name)
    if tx.get(Alias, arn) is not None:
        raise AliasExists(arn)
    tx.put(
        Alias(arn=arn, home=call.home, name=name, key_arn=key.arn, created_at=call.now, changed_at=call.now),
    )
    return {}


@kms.operation
def update_alias(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.alias(call, tx, names.own_alias(request["AliasName"]))
    key = changeable(call, tx, request["TargetKeyId"], "UpdateAlias")
    tx.put(replace(held, key_arn=key.arn, changed_at=call.now))
    return {}


@kms.operation
def delete_alias(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    tx.delete(names.alias(call, tx, names.own_alias(request["AliasName"])))
    return {}


@kms.operation(reads=True)
def list_aliases(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Of one key, or all: then also those of AWS's whose keys have not been used yet, without a key."""
    if request.get("KeyId"):
        held = tx.list(Alias, key_arn=names.key(call, tx, request["KeyId"]).arn)
        rows = {alias.name: views.alias(alias) for alias in held}
    else:
        waiting = (f"{names.MANAGED}{service}" for service in names.SERVICES)
        rows = {name: views.predefined(name, names.arn(call.home, name)) for name in waiting}
        rows |= {alias.name: views.alias(alias) for alias in tx.list(Alias, home=call.home)}
    shown, more = page(rows.values(), lambda row: str(row["AliasName"]), request)
    return {"Aliases": shown, **more}
