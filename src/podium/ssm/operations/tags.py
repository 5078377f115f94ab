"""Tags of parameters."""

from typing import Any

from podium.kernel import tags
from podium.kernel.call import Call
from podium.ssm import names, rules
from podium.ssm.errors import InvalidResourceId, InvalidResourceType
from podium.ssm.records import Parameter
from podium.ssm.service import ssm
from podium.store.records import replace
from podium.store.session import Transaction


@ssm.operation
def add_tags_to_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = _parameter(call, tx, request)
    tx.put(replace(held, tags=rules.TAGS.at_most({**held.tags, **rules.TAGS.given(request["Tags"])})))
    return {}


@ssm.operation
def remove_tags_from_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = _parameter(call, tx, request)
    tx.put(replace(held, tags=tags.without(held.tags, request["TagKeys"])))
    return {}


@ssm.operation(reads=True)
def list_tags_for_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"TagList": tags.listed(_parameter(call, tx, request).tags)}


def _parameter(call: Call, tx: Transaction, request: dict[str, Any]) -> Parameter:
    if request["ResourceType"] != "Parameter":
        raise InvalidResourceType(request["ResourceType"])
    found = names.find(call, tx, request["ResourceId"])
    if found is None:
        raise InvalidResourceId(request["ResourceId"])
    return found
