"""CloudWatch Logs as the wire sees it."""

from podium.logs.errors import Invalid
from podium.wire.service import AwsService

NO_EVENTS = "no log events are kept; `podium logs` and `docker logs` show what containers write"
NO_FILTERS = "no log events are kept that a filter could pass on or count"
EVENTS = (
    "PutLogEvents",
    "GetLogEvents",
    "FilterLogEvents",
    "StartQuery",
    "GetQueryResults",
    "StopQuery",
    "DescribeQueries",
    "StartLiveTail",
)
FILTERS = (
    "PutSubscriptionFilter",
    "DescribeSubscriptionFilters",
    "DeleteSubscriptionFilter",
    "PutMetricFilter",
    "DescribeMetricFilters",
    "DeleteMetricFilter",
    "TestMetricFilter",
)


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


logs = AwsService(
    "logs",
    invalid=_invalid,
    words=True,
    not_yet={**dict.fromkeys(EVENTS, NO_EVENTS), **dict.fromkeys(FILTERS, NO_FILTERS)},
)
