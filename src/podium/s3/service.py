"""S3 as the wire sees it."""

from podium.s3.errors import InvalidArgument
from podium.wire.service import AwsService


def _invalid(operation: str, message: str) -> InvalidArgument:
    return InvalidArgument(message)


s3 = AwsService("s3", invalid=_invalid, asks_root=True)
