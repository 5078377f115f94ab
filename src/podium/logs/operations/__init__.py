"""What CloudWatch Logs answers, and what each operation asks for. Importing this package registers both."""

from podium.logs import access
from podium.logs.operations import events, groups, policies, settings, streams, tags

__all__ = ["access", "events", "groups", "policies", "settings", "streams", "tags"]
