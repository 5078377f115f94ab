"""Tags of rules and event buses."""

from typing import Any

from podium.events import names, rules
from podium.events.service import eventbridge
from podium.kernel import tags
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


@eventbridge.operation
def tag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.of_arn(call, tx, request["ResourceARN"])
    tx.put(replace(held, tags=rules.TAGS.at_most({**held.tags, **rules.TAGS.given(request["Tags"])})))
    return {}


@eventbridge.operation
def untag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.of_arn(call, tx, request["ResourceARN"])
    tx.put(replace(held, tags=tags.without(held.tags, request["TagKeys"])))
    return {}


@eventbridge.operation(reads=True)
def list_tags_for_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"Tags": tags.listed(names.of_arn(call, tx, request["ResourceARN"]).tags)}
