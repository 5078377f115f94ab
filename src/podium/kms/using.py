"""Making keys, and encrypting and decrypting with them, for users and for other services alike."""

import base64
import json
import secrets
from collections.abc import Mapping

from podium.kernel.call import Call
from podium.kernel.sealing import Sealer, Unsealable
from podium.kms import envelope, names
from podium.kms.errors import Disabled, KeyUnavailable, PendingDeletion, UnknownKeyOfCiphertext
from podium.kms.records import Alias, Key
from podium.store.session import Transaction

BYTES = 32
DESCRIPTIONS = {
    "ssm": "Default key that protects my SSM parameters when no other key is defined",
    "secretsmanager": "Default key that protects my Secrets Manager data when no other key is defined",
}


def new_key(call: Call, policy: str = "", **members: object) -> Key:
    """Not yet put. Its material comes from the system's chance, and is sealed at once."""
    identity = call.ids.uuid()
    arn = names.arn(call.home, f"key/{identity}")
    material = base64.b64encode(secrets.token_bytes(BYTES)).decode()
    return Key(
        arn=arn,
        home=call.home,
        id=identity,
        material=call.sealer.seal(material, arn),
        policy=policy or default_policy(call),
        created_at=call.now,
        **members,  # type: ignore[arg-type]
    )


def default_policy(call: Call) -> str:
    """It leaves everything to the account's own policies."""
    everything = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{call.partition}:iam::{call.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [everything]})


def managed_key(call: Call, tx: Transaction, service: str) -> Key:
    """The key that AWS manages for a service, made with its alias when it is first asked for."""
    name = f"{names.MANAGED}{service}"
    if tx.get(Alias, names.arn(call.home, name)) is not None:
        return names.key(call, tx, name)
    made = tx.put(new_key(call, _policy_of_service(call, service), manager="AWS", description=DESCRIPTIONS[service]))
    arn = names.arn(call.home, name)
    tx.put(
        Alias(arn=arn, home=call.home, name=name, key_arn=made.arn, created_at=call.now, changed_at=call.now),
    )
    return made


def _policy_of_service(call: Call, service: str) -> str:
    """Everybody of the account, by way of the service; the account itself may look at it."""
    way = {"kms:CallerAccount": call.account, "kms:ViaService": f"{service}.{call.region}.amazonaws.com"}
    through = {
        "Sid": f"Allow access through {service} for all principals in the account",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"StringEquals": way},
    }
    shown = {
        "Sid": "Allow direct access to key metadata to the account",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{call.partition}:iam::{call.account}:root"},
        "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Id": f"auto-{service}-2", "Statement": [through, shown]})


def usable(key: Key) -> Key:
    """The same key. Raises Disabled, PendingDeletion."""
    if key.deletes_at is not None:
        raise PendingDeletion(key.arn)
    if not key.enabled:
        raise Disabled(key.arn)
    return key


def encrypted(call: Call, key: Key, plain: bytes, context: Mapping[str, str]) -> bytes:
    """A cipher text that opens with the same context alone. Raises Disabled, PendingDeletion, KeyUnavailable."""
    return envelope.sealed(_material(call, usable(key)), key.arn, plain, context)


def decrypted(call: Call, tx: Transaction, blob: bytes, context: Mapping[str, str]) -> bytes:
    """Raises InvalidCiphertext and UnknownKeyOfCiphertext, and what `encrypted` does."""
    key = key_of(call, tx, blob)
    return envelope.opened(_material(call, usable(key)), key.arn, blob, context)


def key_of(call: Call, tx: Transaction, blob: bytes) -> Key:
    """The key that made a cipher text. Raises InvalidCiphertext, UnknownKeyOfCiphertext."""
    found = tx.get(Key, names.arn(call.home, f"key/{envelope.key_id(blob)}"))
    if found is None:
        raise UnknownKeyOfCiphertext
    return found


def lost_keys(tx: Transaction, sealer: Sealer) -> list[tuple[str, str]]:
    """The keys that the keyring does not open, by ARN, with the reason."""
    lost: list[tuple[str, str]] = []
    for key in tx.list(Key):
        try:
            sealer.unseal(key.material, key.arn)
        except Unsealable as error:
            lost.append((key.arn, str(error)))
    return lost


def _material(call: Call, key: Key) -> bytes:
    try:
        return base64.b64decode(call.sealer.unseal(key.material, key.arn))
    except Unsealable as error:
        raise KeyUnavailable(str(error)) from error
