"""CloudWatch Logs as the wire sees it."""

from podium.logs.errors import Invalid
from podium.wire.service import AwsService

NO_METRICS = "no metric is made of log events"


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


logs = AwsService(
    "logs",
    invalid=_invalid,
    words=True,
    not_yet={
        "PutMetricFilter": NO_METRICS,
        "DescribeMetricFilters": NO_METRICS,
        "DeleteMetricFilter": NO_METRICS,
    },
)
