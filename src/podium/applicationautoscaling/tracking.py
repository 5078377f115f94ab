"""The two alarms that a target tracking policy makes: one above its target, one well below it.

Source: Application Auto Scaling User Guide, "How target tracking scaling for Application Auto Scaling works"; names,
periods and descriptions are those of alarms that users have shown.
"""

from collections.abc import Mapping
from typing import Any

from podium.applicationautoscaling.rules import REQUESTS

LOW_PART = 0.9
PERIODS = {"High": 3, "Low": 15}
HIGH_RESOLUTION = "HighResolution"
SHORT, LONG = 20, 60  # seconds


def alarms(configuration: Mapping[str, Any], resource_id: str, policy_arn: str) -> dict[str, dict[str, Any]]:
    """What PutMetricAlarm would be given, by `High` and `Low`. Without scale-in there is nothing low to look for."""
    sides = ("High",) if configuration.get("DisableScaleIn") else ("High", "Low")
    target = configuration["TargetValue"]
    return {
        side: {
            **_metric(configuration, resource_id),
            "AlarmDescription": f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy_arn}.",
            "AlarmActions": [policy_arn],
            "EvaluationPeriods": PERIODS[side],
            "ComparisonOperator": "GreaterThanThreshold" if side == "High" else "LessThanThreshold",
            "Threshold": target if side == "High" else target * LOW_PART,
        }
        for side in sides
    }


def alarm_name(resource_id: str, side: str, identity: str) -> str:
    return f"TargetTracking-{resource_id}-Alarm{side}-{identity}"


def _metric(configuration: Mapping[str, Any], resource_id: str) -> dict[str, Any]:
    predefined = configuration.get("PredefinedMetricSpecification")
    if predefined is not None:
        return _predefined(predefined, resource_id)
    custom = configuration["CustomizedMetricSpecification"]
    if custom.get("Metrics"):
        return {"Metrics": [{"ReturnData": True, **query} for query in custom["Metrics"]]}
    return {"Period": LONG, **custom}


def _predefined(given: Mapping[str, Any], resource_id: str) -> dict[str, Any]:
    kind = given["PredefinedMetricType"]
    if kind == REQUESTS:
        balancer, _, group = given["ResourceLabel"].partition("/targetgroup/")
        found = {"LoadBalancer": balancer, "TargetGroup": f"targetgroup/{group}"}
        return _of("AWS/ApplicationELB", "RequestCountPerTarget", "Sum", "None", found, LONG)
    _, cluster, service = resource_id.split("/")
    metric = "CPUUtilization" if "CPU" in kind else "MemoryUtilization"
    period = SHORT if kind.endswith(HIGH_RESOLUTION) else LONG
    return _of("AWS/ECS", metric, "Average", "Percent", {"ClusterName": cluster, "ServiceName": service}, period)


def _of(
    namespace: str, metric: str, statistic: str, unit: str, dimensions: Mapping[str, str], period: int
) -> dict[str, Any]:
    return {
        "Namespace": namespace,
        "MetricName": metric,
        "Statistic": statistic,
        "Unit": unit,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Period": period,
    }
