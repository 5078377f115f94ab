"""Tags of scalable targets."""

from typing import Any

from podium.applicationautoscaling import names, rules
from podium.applicationautoscaling.service import autoscaling
from podium.kernel import tags
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


@autoscaling.operation
def tag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    target = names.of_arn(call, tx, request["ResourceARN"])
    tx.put(replace(target, tags=rules.tags({**target.tags, **request["Tags"]}, target.arn)))
    return {}


@autoscaling.operation
def untag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    target = names.of_arn(call, tx, request["ResourceARN"])
    tx.put(replace(target, tags=tags.without(target.tags, request["TagKeys"])))
    return {}


@autoscaling.operation(reads=True)
def list_tags_for_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"Tags": names.of_arn(call, tx, request["ResourceARN"]).tags}
