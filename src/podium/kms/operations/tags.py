"""Tags of keys."""

from typing import Any

from podium.kernel import tags
from podium.kernel.call import Call
from podium.kms import names, rules, views
from podium.kms.operations.keys import changeable
from podium.kms.operations.paging import page
from podium.kms.service import kms
from podium.store.records import replace
from podium.store.session import Transaction


@kms.operation
def tag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = changeable(call, tx, request["KeyId"], "TagResource")
    tx.put(replace(held, tags=rules.TAGS.at_most({**held.tags, **rules.tags(request["Tags"])})))
    return {}


@kms.operation
def untag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = changeable(call, tx, request["KeyId"], "UntagResource")
    tx.put(replace(held, tags=tags.without(held.tags, request["TagKeys"])))
    return {}


@kms.operation(reads=True)
def list_resource_tags(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    rows = views.tags(names.key(call, tx, request["KeyId"]))
    shown, more = page(rows, lambda tag: str(tag["TagKey"]), request)
    return {"Tags": shown, **more}
