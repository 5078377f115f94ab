"""Secrets as the API shows them. What is absent is left out; a value is shown where it is asked for."""

from typing import Any

from podium.kernel import tags
from podium.secretsmanager import schedules, staging
from podium.secretsmanager.records import Secret, SecretVersion

View = dict[str, Any]
DEFAULT_KEY = "DefaultEncryptionKey"


def named(held: Secret, **members: Any) -> View:
    """How every answer about one secret begins."""
    return _shown(ARN=held.arn, Name=held.name, **members)


def secret(held: Secret) -> View:
    return {**_metadata(held), **({"VersionIdsToStages": stages} if (stages := by_version(held)) else {})}


def summary(held: Secret) -> View:
    return {**_metadata(held), **({"SecretVersionsToStages": stages} if (stages := by_version(held)) else {})}


def _metadata(held: Secret) -> View:
    return named(
        held,
        Description=held.description or None,
        KmsKeyId=held.kms_key_id,
        **_rotation(held),
        LastChangedDate=held.changed_at,
        DeletedDate=held.deletes_at,
        CreatedDate=held.created_at,
        Tags=tags.listed(held.tags) if held.tags else None,
    )


def _rotation(held: Secret) -> View:
    """Nothing of a secret that was never to be rotated. The date is the last one that the window leaves."""
    if held.rotation_function is None:
        return {}
    return {
        "RotationEnabled": held.rotation_enabled,
        "RotationLambdaARN": held.rotation_function,
        "RotationRules": held.rotation_rules or None,
        "LastRotatedDate": held.rotated_at,
        "NextRotationDate": schedules.closes(held.rotation_rules, held.rotates_at) if held.rotates_at else None,
    }


def by_version(held: Secret) -> dict[str, list[str]]:
    return {version_id: staging.of(held.stages, version_id) for version_id in held.stages.values()}


def value(held: Secret, version: SecretVersion, plain: str | bytes) -> View:
    return named(
        held,
        VersionId=version.id,
        VersionStages=staging.of(held.stages, version.id) or None,
        CreatedDate=version.created_at,
        **{"SecretBinary" if version.binary else "SecretString": plain},
    )


def version(held: Secret, version: SecretVersion) -> View:
    return _shown(
        VersionId=version.id,
        VersionStages=staging.of(held.stages, version.id) or None,
        CreatedDate=version.created_at,
        KmsKeyIds=[version.kms_key_id or DEFAULT_KEY],
    )


def _shown(**members: Any) -> View:
    return {member: value for member, value in members.items() if value is not None}
