"""Values at rest. A SecureString is encrypted with a key of KMS, anything else sealed with the installation's."""

import base64
from collections.abc import Mapping

from podium import kms
from podium.kernel.call import Call
from podium.kernel.sealing import Unsealable
from podium.ssm import names, rules
from podium.ssm.errors import InvalidKeyId, Unopened
from podium.ssm.records import ParameterVersion
from podium.store.session import Transaction

DEFAULT_KEY = "alias/aws/ssm"


def context(parameter_arn: str) -> Mapping[str, str]:
    """The encryption context: what was encrypted for one parameter opens as no other."""
    return {"PARAMETER_ARN": parameter_arn}


def key(call: Call, tx: Transaction, given: str) -> kms.Key:
    """The key of that name; the default one is made when it is first used. Raises InvalidKeyId."""
    if given.rpartition(":")[2] == DEFAULT_KEY:
        return kms.managed_key(call, tx, names.SERVICE)
    try:
        return kms.key(call, tx, given)
    except kms.Refusal as error:
        raise InvalidKeyId(str(error)) from error


def kept(call: Call, tx: Transaction, version: ParameterVersion, plain: str) -> str:
    """What the record of this version holds in place of the plain value. Raises InvalidKeyId."""
    if version.type != rules.SECURE:
        return call.sealer.seal(plain, version.arn)
    used = key(call, tx, version.key_id or DEFAULT_KEY)
    try:
        blob = kms.encrypted(call, used, plain.encode(), context(version.parameter_arn))
    except kms.Refusal as error:
        raise InvalidKeyId(str(error)) from error
    return base64.b64encode(blob).decode()


def shown(call: Call, tx: Transaction, version: ParameterVersion, *, decrypt: bool) -> str:
    """The plain value; a SecureString's cipher text unless it is to be decrypted. Raises InvalidKeyId, Unopened."""
    if version.type != rules.SECURE:
        return _unsealed(call, version)
    if not decrypt:
        return version.value
    try:
        return kms.decrypted(call, tx, base64.b64decode(version.value), context(version.parameter_arn)).decode()
    except kms.Refusal as error:
        raise InvalidKeyId(str(error)) from error


def _unsealed(call: Call, version: ParameterVersion) -> str:
    try:
        return call.sealer.unseal(version.value, version.arn)
    except Unsealable as error:
        raise Unopened(str(error)) from error
