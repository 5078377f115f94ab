"""Tags of namespaces and services."""

from typing import Any

from podium.kernel.call import Call
from podium.servicediscovery import views
from podium.servicediscovery.errors import ResourceNotFound
from podium.servicediscovery.records import Namespace, Service
from podium.servicediscovery.rules import tags
from podium.servicediscovery.service import servicediscovery
from podium.store.records import replace
from podium.store.session import Transaction


def _of_arn(call: Call, tx: Transaction, arn: str) -> Namespace | Service:
    """Raises ResourceNotFound."""
    found = tx.get(Namespace, arn) or tx.get(Service, arn)
    if found is None or found.home != call.home:
        raise ResourceNotFound(arn)
    return found


@servicediscovery.operation
def tag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    found = _of_arn(call, tx, request["ResourceARN"])
    given = tags.parsed(request["Tags"])
    tx.put(replace(found, tags=tags.at_most({**found.tags, **given}, found.arn)))
    return {}


@servicediscovery.operation
def untag_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    found = _of_arn(call, tx, request["ResourceARN"])
    tx.put(replace(found, tags={key: value for key, value in found.tags.items() if key not in request["TagKeys"]}))
    return {}


@servicediscovery.operation(reads=True)
def list_tags_for_resource(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return {"Tags": views.tags(_of_arn(call, tx, request["ResourceARN"]).tags)}
