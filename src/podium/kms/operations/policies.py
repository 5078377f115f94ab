"""Key policies: they decide who may use a key. The first one leaves that to the callers' own policies."""

from typing import Any

from podium.kernel.call import Call
from podium.kms import names, rules
from podium.kms.operations.keys import changeable
from podium.kms.service import kms
from podium.store.records import replace
from podium.store.session import Transaction


@kms.operation(reads=True)
def get_key_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    rules.policy_name(request)
    return {"Policy": names.key(call, tx, request["KeyId"]).policy, "PolicyName": rules.POLICY}


@kms.operation
def put_key_policy(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    rules.policy_name(request)
    held = changeable(call, tx, request["KeyId"], "PutKeyPolicy")
    tx.put(replace(held, policy=rules.policy(request["Policy"])))
    return {}


@kms.operation(reads=True)
def list_key_policies(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    names.key(call, tx, request["KeyId"])
    return {"PolicyNames": [rules.POLICY], "Truncated": False}
