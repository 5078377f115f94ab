"""Alarms: putting, describing and deleting them."""

from typing import Any

from podium.cloudwatch import names, rules, views
from podium.cloudwatch.errors import Invalid, InvalidCombination, InvalidNextToken
from podium.cloudwatch.putting import put_alarm
from podium.cloudwatch.records import MetricAlarm
from podium.cloudwatch.service import cloudwatch
from podium.kernel import pages
from podium.kernel.call import Call
from podium.store.session import Transaction

DEFAULT_PAGE = 50
OF_METRIC = ("Statistic", "ExtendedStatistic", "Period", "Unit")
OF_ITS_OWN = ("AlarmName", "ActionsEnabled", "Tags")


@cloudwatch.operation
def put_metric_alarm(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """One of the name is replaced whole; its state and its tags stay."""
    rules.alarm(request)
    name, tags = request["AlarmName"], rules.tags(request.get("Tags"))
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
    try:
        page, token = pages.cut(
            found, lambda alarm: alarm.name, request.get("NextToken"), request.get("MaxRecords") or DEFAULT_PAGE
        )
    except pages.NotAToken as error:
        raise InvalidNextToken from error
    shown = {"MetricAlarms": [views.alarm(alarm) for alarm in page], "CompositeAlarms": [], "LogAlarms": []}
    return {**shown, "NextToken": token} if token else shown


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
    """Those that look at this one metric, with these very dimensions; what else is given must be as it is, too."""
    rules.words(request)
    found = [a for a in tx.list(MetricAlarm, home=call.home) if _looks_at(a.settings, request)]
    return {"MetricAlarms": [views.alarm(alarm) for alarm in sorted(found, key=lambda alarm: alarm.name)]}


def _looks_at(settings: dict[str, Any], request: dict[str, Any]) -> bool:
    given = (m for m in ("MetricName", "Namespace", *OF_METRIC) if request.get(m) is not None)
    return _dimensions(settings) == _dimensions(request) and all(settings.get(m) == request[m] for m in given)


def _dimensions(of: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["Name"], one["Value"]) for one in of.get("Dimensions") or ()}


@cloudwatch.operation
def delete_alarms(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """All of them, or none when one does not exist."""
    for alarm in [names.known(call, tx, name) for name in dict.fromkeys(request["AlarmNames"])]:
        tx.delete(alarm)
    return {}
