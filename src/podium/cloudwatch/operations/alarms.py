"""Alarms: putting, describing and deleting them."""

from typing import Any

from podium.cloudwatch import names, naming, rules, views
from podium.cloudwatch.alarming import put_alarm
from podium.cloudwatch.errors import Invalid, InvalidCombination, InvalidNextToken
from podium.cloudwatch.records import MetricAlarm
from podium.cloudwatch.service import cloudwatch
from podium.kernel.call import Call
from podium.kernel.pages import Paging
from podium.store.session import Transaction

PAGING = Paging(usual=50, size="MaxRecords", refused=InvalidNextToken)
NARROWING = ("Statistic", "ExtendedStatistic", "Period", "Unit")
OF_ITS_OWN = ("AlarmName", "ActionsEnabled", "Tags")


@cloudwatch.operation
def put_metric_alarm(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """One of the name is replaced whole; its state and its tags stay."""
    rules.alarm(request)
    name, tags = request["AlarmName"], rules.TAGS.given(request.get("Tags"))
    settings = {member: value for member, value in request.items() if member not in OF_ITS_OWN and value is not None}
    put_alarm(call, tx, name, settings, enabled=request.get("ActionsEnabled", True), tags=tags)
    return {}


@cloudwatch.operation(reads=True)
def describe_alarms(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Names that there are not are passed over. There are metric alarms alone."""
    rules.words(request)
    if request.get("AlarmNames") and request.get("AlarmNamePrefix"):
        raise InvalidCombination("AlarmNames and AlarmNamePrefix are mutually exclusive.")
    for kind in request.get("AlarmTypes") or ():
        if kind not in ("MetricAlarm", "CompositeAlarm", "LogAlarm"):
            raise Invalid(f"{kind} is not an alarm type.")
    found = [alarm for alarm in tx.list(MetricAlarm, home=call.home) if _wanted(alarm, request)]
    shown, more = PAGING.page(found, lambda alarm: alarm.name, request)
    alarms = [views.alarm(alarm) for alarm in shown]
    return {"MetricAlarms": alarms, "CompositeAlarms": [], "LogAlarms": [], **more}


def _wanted(alarm: MetricAlarm, request: dict[str, Any]) -> bool:
    if request.get("ChildrenOfAlarmName") or request.get("ParentsOfAlarmName"):
        return False  # there are no composite alarms
    if "MetricAlarm" not in (request.get("AlarmTypes") or ("MetricAlarm",)):
        return False
    if request.get("AlarmNames") and alarm.name not in request["AlarmNames"]:
        return False
    if not alarm.name.startswith(request.get("AlarmNamePrefix") or ""):
        return False
    if request.get("StateValue") and alarm.state.value != request["StateValue"]:
        return False
    prefix, members = request.get("ActionPrefix"), ("OKActions", "AlarmActions", "InsufficientDataActions")
    actions = [action for member in members for action in alarm.settings.get(member, ())]
    return not prefix or any(action.startswith(prefix) for action in actions)


@cloudwatch.operation(reads=True)
def describe_alarms_for_metric(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Those that look at this very metric by itself; a statistic, period or unit narrows them."""
    rules.words(request)
    wanted = naming.metric(call.home, request)
    narrowed = {name: request[name] for name in NARROWING if request.get(name) is not None}
    found = (
        alarm
        for alarm in tx.list(MetricAlarm, home=call.home)
        if naming.metric(call.home, alarm.settings) == wanted and narrowed.items() <= alarm.settings.items()
    )
    return {"MetricAlarms": [views.alarm(alarm) for alarm in sorted(found, key=lambda alarm: alarm.name)]}


@cloudwatch.operation
def delete_alarms(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """All of them, or none when one does not exist."""
    for alarm in [names.known(call, tx, name) for name in dict.fromkeys(request["AlarmNames"])]:
        tx.delete(alarm)
    return {}
