"""What Secrets Manager remembers. `home` is partition, region and account."""

from datetime import datetime

from podium.store.records import record


@record(table="secretsmanager_secrets", indexes=("home", "name"))
class Secret:
    """A name for values. Only the API writes it, and its controller deletes it once `deletes_at` has come.

    `stages` holds each stage with the id of the version that it is on: a stage is never on two. `kms_key_id` is the key
    as it was named, None for the one that AWS manages. `policy` is JSON as it was given, and
    counts beside the callers' own.
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


ALL = (Secret, SecretVersion)
