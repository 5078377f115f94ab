"""Application Auto Scaling as the wire sees it."""

from podium.applicationautoscaling.errors import Invalid
from podium.wire.service import AwsService


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


autoscaling = AwsService("application-autoscaling", invalid=_invalid, words=True)
