"""Alarms by name and ARN."""

from podium.cloudwatch.errors import AlarmNotFound, ResourceNotFound
from podium.cloudwatch.records import MetricAlarm
from podium.kernel.call import Call
from podium.store.session import Transaction


def arn(home: str, name: str) -> str:
    """`home` is a partition, region and account (`partition:region:account`)."""
    partition, region, account = home.split(":")
    return f"arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"


def known(call: Call, tx: Transaction, name: str) -> MetricAlarm:
    """Raises AlarmNotFound."""
    found = tx.get(MetricAlarm, arn(call.home, name))
    if found is None:
        raise AlarmNotFound(name)
    return found


def of_arn(call: Call, tx: Transaction, given: str) -> MetricAlarm:
    """One of the caller's own account and region. Raises ResourceNotFound."""
    found = tx.get(MetricAlarm, given)
    if found is None or found.home != call.home:
        raise ResourceNotFound(given)
    return found
