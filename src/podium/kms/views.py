"""Keys and aliases as the API shows them."""

from datetime import timedelta
from typing import Any

from podium.kms.records import Alias, Key

View = dict[str, Any]


def state(key: Key) -> str:
    if key.deletes_at is not None:
        return "PendingDeletion"
    return "Enabled" if key.enabled else "Disabled"


def key(held: Key) -> View:
    return {
        "AWSAccountId": held.home.split(":")[2],
        "KeyId": held.id,
        "Arn": held.arn,
        "CreationDate": held.created_at,
        "Enabled": state(held) == "Enabled",
        "Description": held.description,
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": state(held),
        "Origin": "AWS_KMS",
        "KeyManager": held.manager,
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
        **({"DeletionDate": held.deletes_at} if held.deletes_at is not None else {}),
    }


def alias(held: Alias) -> View:
    return {
        **predefined(held.name, held.arn),
        "TargetKeyId": held.key_arn.rpartition("/")[2],
        "CreationDate": held.created_at,
        "LastUpdatedDate": held.changed_at,
    }


def predefined(name: str, arn: str) -> View:
    """An alias of AWS's whose key has not been used yet."""
    return {"AliasName": name, "AliasArn": arn}


def rotation(held: Key) -> View:
    if held.rotation_days is None or held.rotation_since is None:
        return {"KeyId": held.arn, "KeyRotationEnabled": False}
    return {
        "KeyId": held.arn,
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": held.rotation_days,
        "NextRotationDate": held.rotation_since + timedelta(days=held.rotation_days),
    }


def tags(held: Key) -> list[View]:
    return [{"TagKey": key, "TagValue": value} for key, value in held.tags.items()]
