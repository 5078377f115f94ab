"""Groups, streams and policies as the API shows them. Moments are milliseconds since 1970."""

from datetime import UTC, datetime, timedelta
from typing import Any

from podium.logs.names import ANY_STREAM
from podium.logs.records import LogGroup, LogStream, ResourcePolicy

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def group(held: LogGroup) -> dict[str, Any]:
    shown = {
        "logGroupName": held.name,
        "creationTime": millis(held.created_at),
        "retentionInDays": held.retention_days,
        "metricFilterCount": 0,
        "arn": held.arn + ANY_STREAM,
        "storedBytes": 0,
        "kmsKeyId": held.kms_key,
        "logGroupClass": held.log_class,
        "logGroupArn": held.arn,
        "deletionProtectionEnabled": held.deletion_protected,
    }
    return {member: value for member, value in shown.items() if value is not None}


def stream(held: LogStream) -> dict[str, Any]:
    """Without the times of events: there are none."""
    return {
        "logStreamName": held.name,
        "creationTime": millis(held.created_at),
        "arn": held.arn,
        "storedBytes": 0,
    }


def policy(held: ResourcePolicy) -> dict[str, Any]:
    return {
        "policyName": held.name,
        "policyDocument": held.document,
        "lastUpdatedTime": millis(held.updated_at),
        "policyScope": "ACCOUNT",
    }


def millis(at: datetime) -> int:
    return (at - EPOCH) // timedelta(milliseconds=1)
