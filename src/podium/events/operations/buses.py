"""Event buses, and who may send to them."""

import json
from typing import Any

from podium.events import names, rules, views
from podium.events.errors import EventBusExists, EventSourceNotFound, Invalid, NoPermission
from podium.events.operations.paging import page
from podium.events.records import EventBus, Rule
from podium.events.service import eventbridge
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

SETTINGS = ("KmsKeyIdentifier", "DeadLetterConfig", "LogConfig")
OF_STATEMENTS = ("Action", "Principal", "StatementId")


@eventbridge.operation
def create_event_bus(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    name = request["Name"]
    if request.get("EventSourceName"):
        raise EventSourceNotFound(request["EventSourceName"])
    if "/" in name:
        raise Invalid("Event bus name must not contain '/'.")
    arn = names.bus_arn(call, name)
    if name == names.DEFAULT or tx.get(EventBus, arn) is not None:
        raise EventBusExists(name)
    made = tx.put(
        EventBus(
            arn=arn,
            home=call.home,
            name=name,
            description=request.get("Description") or None,
            settings={member: request[member] for member in SETTINGS if request.get(member)},
            created_at=call.now,
            changed_at=call.now,
            tags=rules.TAGS.given(request.get("Tags")),
        )
    )
    said = {"Description": made.description} if made.description else {}
    return {"EventBusArn": arn, **made.settings, **said}


@eventbridge.operation(reads=True)
def describe_event_bus(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.bus(call, tx, request.get("Name"))
    return {**views.bus(held), **held.settings}


@eventbridge.operation(reads=True)
def list_event_buses(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """With the default one."""
    held = {bus.name: bus for bus in (names.bus(call, tx, None), *tx.list(EventBus, home=call.home))}
    rows = [bus for bus in held.values() if bus.name.startswith(request.get("NamePrefix") or "")]
    shown, more = page(rows, lambda bus: bus.name, request)
    return {"EventBuses": [views.bus(bus) for bus in shown], **more}


@eventbridge.operation
def delete_event_bus(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """One that there is not is no error."""
    name = request["Name"]
    if name == names.DEFAULT:
        raise Invalid("Cannot delete event bus default.")
    if tx.list(Rule, bus=name, home=call.home):
        raise Invalid("Event bus can't be deleted since it has rules.")
    held = tx.get(EventBus, names.bus_arn(call, name))
    if held is not None:
        tx.delete(held)
    return {}


@eventbridge.operation
def put_permission(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """A whole policy, or one more statement, in the place of the one that has its id."""
    bus, whole = names.bus(call, tx, request.get("EventBusName")), request.get("Policy")
    if whole is not None:
        tx.put(replace(bus, policy=json.dumps(_policy(whole)), changed_at=call.now))
        return {}
    for member in OF_STATEMENTS:
        if not request.get(member):
            raise Invalid(f"Parameter {member} must be specified, unless a Policy is.")
    kept = [s for s in _statements(bus) if s.get("Sid") != request["StatementId"]]
    tx.put(replace(bus, policy=_with(bus, [*kept, _statement(call, bus, request)]), changed_at=call.now))
    return {}


@eventbridge.operation
def remove_permission(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    bus = names.bus(call, tx, request.get("EventBusName"))
    if request.get("RemoveAllPermissions"):
        tx.put(replace(bus, policy=None, changed_at=call.now))
        return {}
    held = _statements(bus)
    kept = [s for s in held if s.get("Sid") != request.get("StatementId")]
    if len(kept) == len(held):
        raise NoPermission
    tx.put(replace(bus, policy=_with(bus, kept) if kept else None, changed_at=call.now))
    return {}


def _statement(call: Call, bus: EventBus, request: dict[str, Any]) -> dict[str, Any]:
    who, only = request["Principal"], request.get("Condition")
    return {
        "Sid": request["StatementId"],
        "Effect": "Allow",
        "Principal": who if who == "*" else {"AWS": f"arn:{call.partition}:iam::{who}:root"},
        "Action": request["Action"],
        "Resource": bus.arn,
        **({"Condition": {only["Type"]: {only["Key"]: only["Value"]}}} if only else {}),
    }


def _policy(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    statements = found.get("Statement") if isinstance(found, dict) else None
    if not isinstance(statements, list) or not all(isinstance(one, dict) for one in statements):
        raise Invalid("Parameter Policy is not valid: it must be a JSON object with a list of statements.")
    return dict(found)


def _statements(bus: EventBus) -> list[dict[str, Any]]:
    return list(json.loads(bus.policy)["Statement"]) if bus.policy else []


def _with(bus: EventBus, statements: list[dict[str, Any]]) -> str:
    whole = json.loads(bus.policy) if bus.policy else {"Version": "2012-10-17"}
    return json.dumps({**whole, "Statement": statements})
