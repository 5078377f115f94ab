"""Alarms by name and ARN."""

from podium.cloudwatch.errors import AlarmNotFound, ResourceNotFound
from podium.cloudwatch.records import Dashboard, MetricAlarm
from podium.kernel.call import Call
from podium.store.session import Transaction


def arn(home: str, name: str) -> str:
    """`home` is a partition, region and account (`partition:region:account`)."""
    partition, region, account = home.split(":")
    return f"arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"


def account(call: Call) -> str:
    """The home of dashboards, whatever region is asked."""
    return f"{call.partition}::{call.account}"


def dashboard_arn(home: str, name: str) -> str:
    """Dashboards are of an account, and in no region."""
    partition, _, account = home.split(":")
    return f"arn:{partition}:cloudwatch::{account}:dashboard/{name}"


def known(call: Call, tx: Transaction, name: str) -> MetricAlarm:
    """Raises AlarmNotFound."""
    found = tx.get(MetricAlarm, arn(call.home, name))
    if found is None:
        raise AlarmNotFound(name)
    return found


def of_arn(call: Call, tx: Transaction, given: str) -> MetricAlarm | Dashboard:
    """One of the caller's own account and, of alarms, region. Raises ResourceNotFound."""
    found = tx.get(MetricAlarm, given) or tx.get(Dashboard, given)
    if found is None or found.home not in (call.home, account(call)):
        raise ResourceNotFound(given)
    return found
