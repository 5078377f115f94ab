"""The state of alarms, and whether it leads to anything."""

import json
from typing import Any

from podium.cloudwatch import names, rules
from podium.cloudwatch.errors import InvalidFormat
from podium.cloudwatch.records import MetricAlarm, StateValue
from podium.cloudwatch.service import cloudwatch
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


@cloudwatch.operation
def set_alarm_state(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """On AWS until the alarm is next evaluated; here until somebody sets it again."""
    rules.words(request)
    alarm, state = names.known(call, tx, request["AlarmName"]), StateValue(request["StateValue"])
    data = request.get("StateReasonData")
    if data is not None and not _is_json(data):
        raise InvalidFormat("StateReasonData must be valid JSON.")
    tx.put(
        replace(
            alarm,
            state=state,
            reason=request["StateReason"],
            reason_data=data,
            state_updated_at=call.now,
            transitioned_at=alarm.transitioned_at if alarm.state is state else call.now,
        )
    )
    return {}


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@cloudwatch.operation
def enable_alarm_actions(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _switched(call, tx, request["AlarmNames"], True)


@cloudwatch.operation
def disable_alarm_actions(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    return _switched(call, tx, request["AlarmNames"], False)


def _switched(call: Call, tx: Transaction, wanted: list[str], enabled: bool) -> dict[str, Any]:
    """Neither operation has an error for a name that there is not."""
    for name in wanted:
        alarm = tx.get(MetricAlarm, names.arn(call.home, name))
        if alarm is not None:
            tx.put(replace(alarm, actions_enabled=enabled, configured_at=call.now))
    return {}
