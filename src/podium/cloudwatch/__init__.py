"""Amazon CloudWatch: metrics, alarms and dashboards. What other services use of it is named here."""

from podium.cloudwatch import names
from podium.cloudwatch.alarming import put_alarm
from podium.cloudwatch.names import arn as alarm_arn
from podium.cloudwatch.records import MetricAlarm, StateValue
from podium.store.session import Transaction

__all__ = ["MetricAlarm", "StateValue", "alarm", "alarm_arn", "delete_alarm", "put_alarm"]


def alarm(tx: Transaction, home: str, name: str) -> MetricAlarm | None:
    """The alarm of that name in a partition, region and account (`partition:region:account`)."""
    return tx.get(MetricAlarm, names.arn(home, name))


def delete_alarm(tx: Transaction, home: str, name: str) -> None:
    """One that somebody else has deleted already is no error."""
    if (found := alarm(tx, home, name)) is not None:
        tx.delete(found)
