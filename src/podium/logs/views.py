"""Groups, streams and policies as the API shows them. Moments are milliseconds since 1970."""

from typing import Any

from podium.journals.events import Event, Place, Span
from podium.logs import places
from podium.logs.moments import millis
from podium.logs.names import ANY_STREAM
from podium.logs.records import LogGroup, LogStream, MetricFilter, ResourcePolicy, SubscriptionFilter


def group(held: LogGroup, stored: int, filters: int) -> dict[str, Any]:
    shown = {
        "logGroupName": held.name,
        "creationTime": millis(held.created_at),
        "retentionInDays": held.retention_days,
        "metricFilterCount": filters,
        "arn": held.arn + ANY_STREAM,
        "storedBytes": stored,
        "kmsKeyId": held.kms_key,
        "logGroupClass": held.log_class,
        "logGroupArn": held.arn,
        "deletionProtectionEnabled": held.deletion_protected,
    }
    return {member: value for member, value in shown.items() if value is not None}


def stream(held: LogStream, span: Span | None) -> dict[str, Any]:
    """The bytes of a stream are always told as none, as on AWS since 2019."""
    shown = {
        "logStreamName": held.name,
        "creationTime": millis(held.created_at),
        "firstEventTimestamp": span.first if span else None,
        "lastEventTimestamp": span.last if span else None,
        "lastIngestionTime": span.ingested if span else None,
        "uploadSequenceToken": places.digits(Place(span.ingested, 0)) if span else None,
        "arn": held.arn,
        "storedBytes": 0,
    }
    return {member: value for member, value in shown.items() if value is not None}


def event(held: Event) -> dict[str, Any]:
    return {"timestamp": held.place.at, "message": held.message, "ingestionTime": held.ingested}


def found(held: Event, stream: str) -> dict[str, Any]:
    """As FilterLogEvents shows it."""
    return {"logStreamName": stream, **event(held), "eventId": places.digits(held.place)}


def subscription(held: SubscriptionFilter, group: LogGroup) -> dict[str, Any]:
    shown = {
        "filterName": held.name,
        "logGroupName": group.name,
        "filterPattern": held.pattern,
        "destinationArn": held.destination_arn,
        "roleArn": held.role_arn,
        "distribution": held.distribution,
        "applyOnTransformedLogs": False,
        "creationTime": millis(held.created_at),
    }
    return {member: value for member, value in shown.items() if value is not None}


def metric_filter(held: MetricFilter, group: str) -> dict[str, Any]:
    transformation = {
        "metricName": held.metric_name,
        "metricNamespace": held.metric_namespace,
        "metricValue": held.metric_value,
        "defaultValue": held.default_value,
        "dimensions": held.dimensions or None,
        "unit": held.unit,
    }
    return {
        "filterName": held.name,
        "filterPattern": held.pattern,
        "metricTransformations": [{member: value for member, value in transformation.items() if value is not None}],
        "creationTime": millis(held.created_at),
        "logGroupName": group,
        "applyOnTransformedLogs": False,
    }


def policy(held: ResourcePolicy) -> dict[str, Any]:
    return {
        "policyName": held.name,
        "policyDocument": held.document,
        "lastUpdatedTime": millis(held.updated_at),
        "policyScope": "ACCOUNT",
    }
