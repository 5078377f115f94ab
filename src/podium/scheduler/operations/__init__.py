"""What EventBridge Scheduler answers, and what each operation asks for. Importing this package registers both."""

from podium.scheduler import access
from podium.scheduler.operations import groups, schedules, tags

__all__ = ["access", "groups", "schedules", "tags"]
