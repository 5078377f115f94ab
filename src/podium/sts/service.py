"""STS as the wire sees it."""

from podium.sts.errors import Invalid
from podium.wire.service import AwsService


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


sts = AwsService("sts", invalid=_invalid)
