"""What each operation of EventBridge Scheduler asks to be allowed.

Importing this module registers it.
Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EventBridge Scheduler".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podium.kernel import tags
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.scheduler import names
from podium.scheduler.records import ScheduleGroup
from podium.scheduler.rules import SERVICE
from podium.scheduler.service import scheduler
from podium.store.session import Transaction

Request = Mapping[str, Any]


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    return tuple(_asks(call, tx, operation, request))


def _asks(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    given = {tag["Key"]: tag.get("Value", "") for tag in request.get("Tags") or ()}
    said = tags.of_request(given, request.get("TagKeys") or ())
    arn = _resource(call, operation, request)
    held = tx.get(ScheduleGroup, arn)
    own = tags.of_resource(held.tags) if held is not None and held.home == call.home else {}
    yield Ask(action=f"scheduler:{operation}", resource=arn, context={**said, **own})
    if given and operation == "CreateScheduleGroup":
        yield Ask(action="scheduler:TagResource", resource=arn, context=said)
    if role := (request.get("Target") or {}).get("RoleArn"):
        yield Ask(action="iam:PassRole", resource=role, context={"iam:PassedToService": SERVICE})


def _resource(call: Call, operation: str, request: Request) -> str:
    if operation.startswith("List") and operation != "ListTagsForResource":
        return "*"
    if request.get("ResourceArn"):
        return str(request["ResourceArn"])
    if operation.endswith("ScheduleGroup"):
        return names.group_arn(call, request["Name"])
    return names.schedule_arn(call, request.get("GroupName") or names.DEFAULT, request["Name"])


scheduler.asks = asks
