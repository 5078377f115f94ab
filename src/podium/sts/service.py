"""STS as the wire sees it."""

from podium.wire.service import AwsService

sts = AwsService("sts")
