"""What each operation of Application Auto Scaling asks to be allowed.

Importing this module registers it.
Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Application Auto Scaling".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podium.applicationautoscaling import names
from podium.applicationautoscaling.records import ScalableTarget
from podium.applicationautoscaling.service import autoscaling
from podium.kernel import tags
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.store.session import Transaction

Request = Mapping[str, Any]


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    return tuple(_asks(call, tx, operation, request))


def _asks(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    said = tags.of_request(request.get("Tags") or {}, request.get("TagKeys") or ())
    arn = _target(call, tx, operation, request)
    held = tx.get(ScalableTarget, arn)
    own = tags.of_resource(held.tags) if held is not None and held.home == call.home else {}
    context = {**said, **_of_names(request), **own}
    yield Ask(action=f"application-autoscaling:{operation}", resource=arn, context=context)
    if operation == "RegisterScalableTarget" and request.get("Tags"):
        yield Ask(action="application-autoscaling:TagResource", resource=arn, context=context)


def _target(call: Call, tx: Transaction, operation: str, request: Request) -> str:
    """Describing is of all resources; one that is not registered yet is any."""
    if request.get("ResourceARN"):
        return str(request["ResourceARN"])
    if operation.startswith("Describe"):
        return "*"
    held = names.find_target(call, tx, request)
    return held.arn if held is not None else names.target_arn(call.home, "*")


def _of_names(request: Request) -> tags.Context:
    keys = {
        "ServiceNamespace": "application-autoscaling:service-namespace",
        "ScalableDimension": "application-autoscaling:scalable-dimension",
    }
    return {key: request[member] for member, key in keys.items() if request.get(member)}


autoscaling.asks = asks
