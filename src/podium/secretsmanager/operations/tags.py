"""Tags of secrets."""

from typing import Any

from podium.kernel import tags
from podium.kernel.call import Call
from podium.secretsmanager import names, rules
from podium.secretsmanager.service import secretsmanager
from podium.store.records import replace
from podium.store.session import Transaction


@secretsmanager.operation
def tag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.living(call, tx, request["SecretId"])
    tx.put(replace(held, tags=rules.TAGS.at_most({**held.tags, **rules.TAGS.given(request["Tags"])})))
    return {}


@secretsmanager.operation
def untag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.living(call, tx, request["SecretId"])
    tx.put(replace(held, tags=tags.without(held.tags, request["TagKeys"])))
    return {}
