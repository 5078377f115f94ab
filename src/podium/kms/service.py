"""Key Management Service as the wire sees it."""

from podium.kms.errors import Invalid
from podium.wire.service import AwsService

NOT_SYMMETRIC = "its keys are symmetric: they encrypt and decrypt, and do not sign"
SIGNING = ("Sign", "Verify", "GenerateMac", "VerifyMac", "GetPublicKey", "GenerateDataKeyPair", "DeriveSharedSecret")


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


kms = AwsService("kms", invalid=_invalid, words=True, not_yet=dict.fromkeys(SIGNING, NOT_SYMMETRIC))
