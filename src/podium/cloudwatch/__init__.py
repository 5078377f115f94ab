"""Amazon CloudWatch: alarms. What other services use of it is named here."""

from podium.cloudwatch import names
from podium.cloudwatch.records import MetricAlarm, StateValue
from podium.store.session import Transaction

__all__ = ["MetricAlarm", "StateValue", "alarm"]


def alarm(tx: Transaction, home: str, name: str) -> MetricAlarm | None:
    """The alarm of that name in a partition, region and account (`partition:region:account`)."""
    return tx.get(MetricAlarm, names.arn(home, name))
