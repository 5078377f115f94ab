"""What CloudWatch answers, and what each operation asks for. Importing this package registers both."""

from podium.cloudwatch import access
from podium.cloudwatch.operations import alarms, dashboards, metrics, states, tags

__all__ = ["access", "alarms", "dashboards", "metrics", "states", "tags"]
