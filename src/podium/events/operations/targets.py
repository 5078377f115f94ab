"""Targets of rules: where what a rule is about is to lead."""

from typing import Any

from podium.events import names, rules
from podium.events.operations.paging import page
from podium.events.records import Rule
from podium.events.service import eventbridge
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

NONE_FAILED: dict[str, Any] = {"FailedEntryCount": 0, "FailedEntries": []}


@eventbridge.operation
def put_targets(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Whether there is what a target names is found out when it is needed, as on AWS."""
    held = names.rule(call, tx, request.get("EventBusName"), request["Rule"])
    tx.put(replace(held, targets=rules.with_targets(held.targets, request["Targets"])))
    return NONE_FAILED


@eventbridge.operation(reads=True)
def list_targets_by_rule(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.rule(call, tx, request.get("EventBusName"), request["Rule"])
    shown, more = page(held.targets, lambda target: str(target["Id"]), request)
    return {"Targets": shown, **more}


@eventbridge.operation
def remove_targets(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Ids of no target are passed over."""
    held = names.rule(call, tx, request.get("EventBusName"), request["Rule"])
    tx.put(replace(held, targets=tuple(target for target in held.targets if target["Id"] not in request["Ids"])))
    return NONE_FAILED


@eventbridge.operation(reads=True)
def list_rule_names_by_target(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    bus = names.bus(call, tx, request.get("EventBusName"))
    wanted = request["TargetArn"]
    rows = [r for r in tx.list(Rule, bus=bus.name, home=call.home) if any(t["Arn"] == wanted for t in r.targets)]
    shown, more = page(rows, lambda rule: rule.name, request)
    return {"RuleNames": [rule.name for rule in shown], **more}
