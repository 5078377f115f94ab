"""What EventBridge answers, and what each operation asks for. Importing this package registers both."""

from podium.events import access
from podium.events.operations import buses, rules, tags, targets

__all__ = ["access", "buses", "rules", "tags", "targets"]
