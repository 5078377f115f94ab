"""Values at rest: encrypted with a key of KMS, for one version of one secret."""

import base64
from collections.abc import Mapping

from podium import kms
from podium.kernel.call import Call
from podium.secretsmanager import names
from podium.secretsmanager.errors import NotDecrypted, NotEncrypted
from podium.secretsmanager.records import Secret, SecretVersion
from podium.store.records import replace
from podium.store.session import Transaction

Value = str | bytes
MANAGED = "alias/aws/secretsmanager"


def context(secret_arn: str, version_id: str) -> Mapping[str, str]:
    """The encryption context: what was encrypted for one version opens as no other."""
    return {"SecretARN": secret_arn, "SecretVersionId": version_id}


def key_id(given: str | None) -> str | None:
    """How a secret remembers the key that it was given: not at all, if it is the one that AWS manages."""
    return given if given and given.rpartition(":")[2] != MANAGED else None


def version(call: Call, tx: Transaction, held: Secret, version_id: str, plain: Value) -> SecretVersion:
    """A new one, with the value encrypted. Raises NotEncrypted."""
    made = SecretVersion(
        arn=names.version_arn(held.arn, version_id),
        secret_arn=held.arn,
        id=version_id,
        value="",
        binary=isinstance(plain, bytes),
        created_at=call.now,
    )
    return encrypted(call, tx, made, held.kms_key_id, plain)


def encrypted(call: Call, tx: Transaction, into: SecretVersion, key: str | None, plain: Value) -> SecretVersion:
    """The same version, with this value under this key. Raises NotEncrypted."""
    whole = plain if isinstance(plain, bytes) else plain.encode()
    try:
        used = kms.key(call, tx, key) if key is not None else kms.managed_key(call, tx, names.SERVICE)
        blob = kms.encrypted(call, used, whole, context(into.secret_arn, into.id))
    except kms.Refusal as error:
        raise NotEncrypted(str(error)) from error
    return replace(into, value=base64.b64encode(blob).decode(), kms_key_id=key)


def plain(call: Call, tx: Transaction, held: SecretVersion) -> Value:
    """Raises NotDecrypted."""
    try:
        whole = kms.decrypted(call, tx, base64.b64decode(held.value), context(held.secret_arn, held.id))
    except kms.Refusal as error:
        raise NotDecrypted(str(error)) from error
    return whole if held.binary else whole.decode()
