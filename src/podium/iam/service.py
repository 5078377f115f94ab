"""IAM as the wire sees it."""

from podium.wire.service import AwsService

iam = AwsService("iam")
