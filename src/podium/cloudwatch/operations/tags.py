"""Tags of alarms and dashboards."""

from typing import Any

from podium.cloudwatch import names, rules, views
from podium.cloudwatch.service import cloudwatch
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


@cloudwatch.operation
def tag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    alarm = names.of_arn(call, tx, request["ResourceARN"])
    tx.put(replace(alarm, tags=rules.TAGS.at_most({**alarm.tags, **rules.TAGS.given(request["Tags"])})))
    return {}


@cloudwatch.operation
def untag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    alarm = names.of_arn(call, tx, request["ResourceARN"])
    kept = {key: value for key, value in alarm.tags.items() if key not in request["TagKeys"]}
    tx.put(replace(alarm, tags=kept))
    return {}


@cloudwatch.operation(reads=True)
def list_tags_for_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"Tags": views.tags(names.of_arn(call, tx, request["ResourceARN"]).tags)}
