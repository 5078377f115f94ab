"""ECR as the wire sees it."""

from podium.ecr.errors import Invalid
from podium.wire.service import AwsService

NO_REGISTRY = "it has no registry that images could be pushed to or pulled from"
WAITING = (
    "GetAuthorizationToken",
    "InitiateLayerUpload",
    "UploadLayerPart",
    "CompleteLayerUpload",
    "PutImage",
    "GetDownloadUrlForLayer",
)


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


ecr = AwsService("ecr", invalid=_invalid, words=True, not_yet=dict.fromkeys(WAITING, NO_REGISTRY))
