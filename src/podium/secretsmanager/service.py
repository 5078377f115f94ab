"""Secrets Manager as the wire sees it."""

from podium.secretsmanager.errors import Invalid
from podium.wire.service import AwsService

NO_ROTATION = "there are no Lambda functions that could rotate a secret; put its new value with PutSecretValue"
NO_REPLICAS = "a secret is kept in one region"
ROTATION = ("RotateSecret", "CancelRotateSecret")
REPLICAS = ("ReplicateSecretToRegions", "RemoveRegionsFromReplication", "StopReplicationToReplica")


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


secretsmanager = AwsService(
    "secretsmanager",
    invalid=_invalid,
    words=True,
    not_yet={**dict.fromkeys(ROTATION, NO_ROTATION), **dict.fromkeys(REPLICAS, NO_REPLICAS)},
)
