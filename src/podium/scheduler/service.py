"""EventBridge Scheduler as the wire sees it."""

from podium.scheduler.errors import Invalid
from podium.wire.service import AwsService


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


scheduler = AwsService("scheduler", invalid=_invalid, words=True)
