"""What Application Auto Scaling answers, and what each operation asks for. Importing this package registers both."""

from podium.applicationautoscaling import access
from podium.applicationautoscaling.operations import activities, policies, scheduled_actions, tags, targets

__all__ = ["access", "activities", "policies", "scheduled_actions", "tags", "targets"]
