"""CloudWatch as the wire sees it."""

from podium.cloudwatch.errors import Invalid
from podium.wire.service import AwsService


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


cloudwatch = AwsService("cloudwatch", invalid=_invalid)
