"""What a log group may be.

Source: CloudWatch Logs API Reference, CreateLogGroup, PutRetentionPolicy, PutResourcePolicy.
"""

import json
from collections.abc import Mapping
from typing import Any

from podium.logs.errors import Invalid, TooManyTags
from podium.logs.patterns.comparing import number

RETENTIONS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)  # days
DELIVERY_DAYS = 2
MOST_TAGS = 50
MOST_POLICIES = 10
MOST_SUBSCRIPTIONS = 2
MOST_METRIC_FILTERS = 100
MOST_DIMENSIONS = 3
DESTINATIONS = ("lambda", "kinesis", "firehose", "logs")


def retention(days: int) -> int:
    """Raises Invalid."""
    if days not in RETENTIONS:
        raise Invalid(f"Invalid retention value {days}. Valid values are: {list(RETENTIONS)}")
    return days


def one_way_to_name_streams(request: Mapping[str, Any], groups: int) -> None:
    """Of Live Tail. Raises Invalid."""
    listed, prefixes = request.get("logStreamNames"), request.get("logStreamNamePrefixes")
    if listed and prefixes:
        raise Invalid("logStreamNames and logStreamNamePrefixes are mutually exclusive parameters.")
    if (listed or prefixes) and groups > 1:
        raise Invalid("logStreamNames and logStreamNamePrefixes can be used with one log group only.")


def tags(found: Mapping[str, str], arn: str) -> dict[str, str]:
    """Raises Invalid, TooManyTags."""
    for key in found:
        if key.lower().startswith("aws:"):
            raise Invalid(f"The tag key {key} cannot start with aws: because it is reserved for AWS use.")
    if len(found) > MOST_TAGS:
        raise TooManyTags(arn, MOST_TAGS)
    return dict(found)


def document(text: str | None) -> str:
    """Raises Invalid for a policy that is no JSON object with statements."""
    try:
        held = json.loads(text or "")
    except (ValueError, RecursionError):
        held = None
    if text is None or not isinstance(held, dict) or not isinstance(held.get("Statement"), list | dict):
        raise Invalid("Policy document is invalid: it must be a JSON object with a Statement.")
    return text


def destination(arn: str, role: str | None) -> str:
    """Of a subscription filter. Raises Invalid."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or parts[2] not in DESTINATIONS:
        raise Invalid(
            "destinationArn must be the ARN of a Kinesis stream, a Firehose delivery stream, a Lambda function or a "
            "destination of CloudWatch Logs."
        )
    if parts[2] == "lambda" and role is not None:
        raise Invalid("destinationArn for vendor lambda cannot be used with roleArn")
    return arn


def transformation(given: Mapping[str, Any]) -> None:
    """Of a metric filter. Raises Invalid."""
    value, dimensions = given["metricValue"], given.get("dimensions") or {}
    if not value.startswith("$") and number(value) is None:
        raise Invalid(
            "Invalid metric transformation: metricValue must be a number, or name a field as $.field or $field."
        )
    default = given.get("defaultValue")
    if default is not None and number(default) is None:
        raise Invalid("Invalid metric transformation: defaultValue must be a number that is not too large.")
    if dimensions and default is not None:
        raise Invalid("Invalid metric transformation: dimensions and default value are mutually exclusive properties.")
    if len(dimensions) > MOST_DIMENSIONS:
        raise Invalid(f"Invalid metric transformation: it has more than {MOST_DIMENSIONS} dimensions.")
