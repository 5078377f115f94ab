"""What each EventBridge operation asks to be allowed.

Importing this module registers it.
Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EventBridge".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podium.events import names
from podium.events.records import EventBus, Rule
from podium.events.service import eventbridge
from podium.kernel import tags
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.store.session import Transaction

Request = Mapping[str, Any]
SERVICE = "events.amazonaws.com"
OF_RULES = {
    "PutRule": "Name",
    "DescribeRule": "Name",
    "DeleteRule": "Name",
    "EnableRule": "Name",
    "DisableRule": "Name",
    "PutTargets": "Rule",
    "RemoveTargets": "Rule",
    "ListTargetsByRule": "Rule",
}
OF_BUSES = {
    "CreateEventBus": "Name",
    "DeleteEventBus": "Name",
    "DescribeEventBus": "Name",
    "PutPermission": "EventBusName",
    "RemovePermission": "EventBusName",
}


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    return tuple(_asks(call, tx, operation, request))


def _asks(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    given = {tag["Key"]: tag.get("Value", "") for tag in request.get("Tags") or ()}
    said = tags.of_request(given, request.get("TagKeys") or ())
    targets = tuple(target["Arn"] for target in request.get("Targets") or ())
    about: tags.Context = {"events:TargetArn": targets} if targets else {}
    arn = _resource(call, operation, request)
    yield Ask(action=f"events:{operation}", resource=arn, context={**said, **about, **_own(call, tx, arn)})
    if given and operation in ("PutRule", "CreateEventBus"):
        yield Ask(action="events:TagResource", resource=arn, context=said)
    roles = (request.get("RoleArn"), *(target.get("RoleArn") for target in request.get("Targets") or ()))
    for role in dict.fromkeys(role for role in roles if role):
        yield Ask(action="iam:PassRole", resource=role, context={"iam:PassedToService": SERVICE})


def _resource(call: Call, operation: str, request: Request) -> str:
    if request.get("ResourceARN"):
        return str(request["ResourceARN"])
    if operation in OF_RULES:
        return names.rule_arn(call, names.bus_name(request.get("EventBusName")), request[OF_RULES[operation]])
    if operation in OF_BUSES:
        return names.bus_arn(call, names.bus_name(request.get(OF_BUSES[operation])))
    return "*"


def _own(call: Call, tx: Transaction, arn: str) -> tags.Context:
    held = tx.get(Rule, arn) or tx.get(EventBus, arn)
    return tags.of_resource(held.tags) if held is not None and held.home == call.home else {}


eventbridge.asks = asks
