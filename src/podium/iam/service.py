"""IAM as the wire sees it."""

from podium.iam.errors import Invalid
from podium.wire.service import AwsService


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


iam = AwsService("iam", invalid=_invalid)
