"""What Secrets Manager remembers. `home` is partition, region and account."""

from datetime import datetime
from typing import Any

from podium.store.records import record


@record(table="secretsmanager_secrets", indexes=("home", "name"))
class Secret:
    """A name for values. The API writes it; its controller deletes it once `deletes_at` has come, and begins rotations;
    whoever ran a rotation's command says how that went (`rotating`).

    `stages` holds each stage with the id of the version that it is on: a stage is never on two. `kms_key_id` is the key
    as it was named, None for the one that AWS manages. `policy` is JSON as it was given, and
    counts beside the callers' own.

    `rotation_function` is the ARN by which the command that rotates it is named, and stays, like `rotation_rules`, when
    rotation is turned off. `rotates_at` is when it will be rotated by itself, None for never.
    """

    arn: str
    home: str
    name: str
    description: str = ""
    kms_key_id: str | None = None
    stages: dict[str, str] = {}
    policy: str | None = None
    deletes_at: datetime | None = None
    created_at: datetime
    changed_at: datetime
    rotation_function: str | None = None
    rotation_rules: dict[str, Any] = {}
    rotation_enabled: bool = False
    rotates_at: datetime | None = None
    rotated_at: datetime | None = None
    tags: dict[str, str] = {}


@record(table="secretsmanager_versions", indexes=("secret_arn",))
class SecretVersion:
    """One value that a secret has or had. It never changes, but for the key that it is encrypted with.

    `value` is cipher text of a key of KMS in base64, of bytes or of text as `binary` says.
    """

    arn: str
    secret_arn: str
    id: str
    value: str
    binary: bool = False
    kms_key_id: str | None = None
    created_at: datetime


@record(table="secretsmanager_rotations")
class SecretRotation:
    """A rotation that is under way: `arn` is its secret's, `token` the id of the version that is to become current.

    It ends when the command has succeeded, and when it is cancelled. After each failure the command is run anew at
    `due_at`; `failure` says what the last one was.
    """

    arn: str
    token: str
    function: str
    begun_at: datetime
    due_at: datetime
    failures: int = 0
    failure: str = ""


ALL = (Secret, SecretVersion, SecretRotation)
