"""Tags of schedule groups; schedules themselves have none."""

from typing import Any

from podium.kernel import tags
from podium.kernel.call import Call
from podium.scheduler import names, rules
from podium.scheduler.service import scheduler
from podium.store.records import replace
from podium.store.session import Transaction


@scheduler.operation
def tag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.group_of_arn(call, tx, request["ResourceArn"])
    tx.put(replace(held, tags=rules.TAGS.at_most({**held.tags, **rules.TAGS.given(request["Tags"])})))
    return {}


@scheduler.operation
def untag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.group_of_arn(call, tx, request["ResourceArn"])
    tx.put(replace(held, tags=tags.without(held.tags, request["TagKeys"])))
    return {}


@scheduler.operation(reads=True)
def list_tags_for_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"Tags": tags.listed(names.group_of_arn(call, tx, request["ResourceArn"]).tags)}
