"""Alarms as DescribeAlarms shows them."""

from typing import Any

from podium.cloudwatch.records import MetricAlarm

LISTS = ("OKActions", "AlarmActions", "InsufficientDataActions", "Dimensions")


def alarm(record: MetricAlarm) -> dict[str, Any]:
    data = {"StateReasonData": record.reason_data} if record.reason_data is not None else {}
    return {
        **{name: [] for name in LISTS},
        **record.settings,
        **data,
        "AlarmName": record.name,
        "AlarmArn": record.arn,
        "AlarmConfigurationUpdatedTimestamp": record.configured_at,
        "ActionsEnabled": record.actions_enabled,
        "StateValue": record.state.value,
        "StateReason": record.reason,
        "StateUpdatedTimestamp": record.state_updated_at,
        "StateTransitionedTimestamp": record.transitioned_at,
    }


def tags(given: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in given.items()]
