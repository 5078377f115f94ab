"""CloudWatch Logs as the wire sees it."""

from podium.logs.errors import Invalid
from podium.wire.service import AwsService


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


logs = AwsService("logs", invalid=_invalid, words=True)
