"""CloudWatch Logs as the wire sees it."""

from podium.logs.errors import Invalid
from podium.wire.service import AwsService

NO_LIVE_TAIL = "`aws logs tail --follow` shows events as they come, without it"
NO_METRICS = "no metric is made of log events"


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


logs = AwsService(
    "logs",
    invalid=_invalid,
    words=True,
    not_yet={
        "StartLiveTail": NO_LIVE_TAIL,
        "PutMetricFilter": NO_METRICS,
        "DescribeMetricFilters": NO_METRICS,
        "DeleteMetricFilter": NO_METRICS,
    },
)
