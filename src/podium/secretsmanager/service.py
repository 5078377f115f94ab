"""Secrets Manager as the wire sees it."""

from podium.secretsmanager.errors import Invalid
from podium.wire.service import AwsService

NO_REPLICAS = "a secret is kept in one region"
REPLICAS = ("ReplicateSecretToRegions", "RemoveRegionsFromReplication", "StopReplicationToReplica")


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


secretsmanager = AwsService(
    "secretsmanager",
    invalid=_invalid,
    words=True,
    not_yet=dict.fromkeys(REPLICAS, NO_REPLICAS),
)
