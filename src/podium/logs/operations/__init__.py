"""What CloudWatch Logs answers, and what each operation asks for. Importing this package registers both."""

from podium.logs import access
from podium.logs.operations import (
    events,
    filters,
    groups,
    insights,
    metric_filters,
    policies,
    searches,
    settings,
    streams,
    tags,
    tailing,
)

__all__ = [
    "access",
    "events",
    "filters",
    "groups",
    "insights",
    "metric_filters",
    "policies",
    "searches",
    "settings",
    "streams",
    "tags",
    "tailing",
]
