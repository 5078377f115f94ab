"""Tags of repositories."""

from typing import Any

from podium.ecr import names, rules
from podium.ecr.service import ecr
from podium.kernel import tags
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


@ecr.operation
def tag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.of_arn(call, tx, request["resourceArn"])
    tx.put(replace(held, tags=rules.TAGS.at_most({**held.tags, **rules.TAGS.given(request["tags"])})))
    return {}


@ecr.operation
def untag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.of_arn(call, tx, request["resourceArn"])
    tx.put(replace(held, tags=tags.without(held.tags, request["tagKeys"])))
    return {}


@ecr.operation(reads=True)
def list_tags_for_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"tags": tags.listed(names.of_arn(call, tx, request["resourceArn"]).tags)}
