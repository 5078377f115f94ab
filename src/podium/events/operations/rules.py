"""Rules: putting, describing, switching and deleting them, and whether a pattern is about an event."""

from typing import Any

from podium.events import names, rules, views
from podium.events.errors import Invalid, LimitExceeded
from podium.events.operations.paging import page
from podium.events.records import Rule
from podium.events.service import eventbridge
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


@eventbridge.operation
def put_rule(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """One of the name is replaced whole, but for its targets and its tags."""
    bus, name = names.bus(call, tx, request.get("EventBusName")), request["Name"]
    rules.rule(request, bus.name)
    before = names.find_rule(call, tx, bus, name)
    held = before or Rule(
        arn=names.rule_arn(call, bus.name, name),
        home=call.home,
        bus=bus.name,
        name=name,
        tags=rules.TAGS.given(request.get("Tags")),
    )
    if before is None and len(tx.list(Rule, bus=bus.name, home=call.home)) >= rules.MOST_RULES:
        raise LimitExceeded
    tx.put(
        replace(
            held,
            state=request.get("State") or "ENABLED",
            pattern=request.get("EventPattern") or None,
            schedule=request.get("ScheduleExpression") or None,
            description=request.get("Description") or None,
            role_arn=request.get("RoleArn"),
        )
    )
    return {"RuleArn": held.arn}


@eventbridge.operation(reads=True)
def describe_rule(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.rule(call, tx, request.get("EventBusName"), request["Name"])
    return {**views.rule(held), "CreatedBy": call.account}


@eventbridge.operation(reads=True)
def list_rules(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    bus = names.bus(call, tx, request.get("EventBusName"))
    prefix = request.get("NamePrefix") or ""
    rows = [rule for rule in tx.list(Rule, bus=bus.name, home=call.home) if rule.name.startswith(prefix)]
    shown, more = page(rows, lambda rule: rule.name, request)
    return {"Rules": [views.rule(rule) for rule in shown], **more}


@eventbridge.operation
def delete_rule(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """One that there is not is no error."""
    bus = names.bus(call, tx, request.get("EventBusName"))
    held = names.find_rule(call, tx, bus, request["Name"])
    if held is not None and held.targets:
        raise Invalid("Rule can't be deleted since it has targets.")
    if held is not None:
        tx.delete(held)
    return {}


@eventbridge.operation
def enable_rule(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _switched(call, tx, request, "ENABLED")


@eventbridge.operation
def disable_rule(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _switched(call, tx, request, "DISABLED")


def _switched(call: Call, tx: Transaction, request: dict[str, Any], state: str) -> dict[str, Any]:
    tx.put(replace(names.rule(call, tx, request.get("EventBusName"), request["Name"]), state=state))
    return {}


@eventbridge.operation(reads=True)
def test_event_pattern(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    matches = rules.event_pattern(request["EventPattern"])
    return {"Result": matches(rules.event(request["Event"]))}
