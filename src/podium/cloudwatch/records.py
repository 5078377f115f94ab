"""What CloudWatch remembers."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from podium.store.records import record


class StateValue(StrEnum):
    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


@record(table="cloudwatch_alarms", indexes=("home",))
class MetricAlarm:
    """What to look at, and what was last found there.

    `settings` are what PutMetricAlarm was given, in the API's own names. No metric is evaluated yet: the state is
    what SetAlarmState says, and stays when the alarm is put again. `transitioned_at` is when its value last changed,
    `state_updated_at` when anything of the state did.
    """

    arn: str
    home: str
    name: str
    actions_enabled: bool = True
    settings: dict[str, Any] = {}
    state: StateValue = StateValue.INSUFFICIENT_DATA
    reason: str = ""
    reason_data: str | None = None
    state_updated_at: datetime
    transitioned_at: datetime
    configured_at: datetime
    tags: dict[str, str] = {}

    @property
    def span_seconds(self) -> int:
        """How much time an evaluation looks at: as many periods as it takes."""
        longest = max((m.get("Period") or 0 for m in _metrics(self.settings)), default=0)
        return int(longest * (self.settings.get("EvaluationPeriods") or 1))


def _metrics(settings: dict[str, Any]) -> list[dict[str, Any]]:
    """What has a period: the alarm itself or, of several metrics, each."""
    queries = settings.get("Metrics") or ()
    return [settings, *queries, *(query["MetricStat"] for query in queries if query.get("MetricStat"))]


@record(table="cloudwatch_dashboards", indexes=("home",))
class Dashboard:
    """What to show of metrics: JSON as it was given, that nothing is drawn from. Only the API writes it."""

    arn: str
    home: str
    name: str
    body: str
    changed_at: datetime
    tags: dict[str, str] = {}


ALL = (MetricAlarm, Dashboard)
