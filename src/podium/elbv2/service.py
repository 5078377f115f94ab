"""Elastic Load Balancing as the wire sees it."""

from podium.elbv2.errors import Invalid
from podium.wire.service import AwsService


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


elbv2 = AwsService("elbv2", invalid=_invalid)
