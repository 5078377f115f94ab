"""What a target, a policy and a scheduled action may be.

Source: Application Auto Scaling API Reference, RegisterScalableTarget, PutScalingPolicy, PutScheduledAction; User
Guide, "Step scaling policies" and "Quotas". Sentences without a source are ours.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import inf
from typing import Any

from podium.applicationautoscaling.errors import Invalid, LimitExceeded, TooManyTags
from podium.applicationautoscaling.records import ScalingPolicy
from podium.wire import schedules

Given = Mapping[str, Any]
MOST_POLICIES, MOST_ACTIONS, MOST_STEPS, MOST_TAGS = 50, 200, 20, 50
REQUESTS = "ALBRequestCountPerTarget"
PREDEFINED = (
    "ECSServiceAverageCPUUtilization",
    "ECSServiceAverageMemoryUtilization",
    "ECSServiceAverageCPUUtilizationHighResolution",
    "ECSServiceAverageMemoryUtilizationHighResolution",
    REQUESTS,
)
CONFIGURATIONS = {
    "StepScaling": "StepScalingPolicyConfiguration",
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "PredictiveScaling": "PredictiveScalingPolicyConfiguration",
}


def bounds(low: int | None, high: int | None) -> tuple[int, int]:
    """Raises Invalid."""
    if low is None or high is None:
        raise Invalid("MinCapacity and MaxCapacity must be specified when a scalable target is first registered.")
    if low < 0 or high < 0:
        raise Invalid("Capacity cannot be less than zero.")
    if high < low:
        raise Invalid("Maximum capacity cannot be less than minimum capacity")
    return low, high


def policy(request: Given, before: ScalingPolicy | None, others: Iterable[ScalingPolicy]) -> tuple[str, dict[str, Any]]:
    """The type that is put, and its configuration. Raises Invalid, LimitExceeded."""
    kind = request.get("PolicyType") or (before.type if before else "StepScaling")
    if before is not None and before.type != kind:
        raise Invalid("The type of a scaling policy cannot be changed; delete the policy and create another.")
    for other, member in CONFIGURATIONS.items():
        if (request.get(member) is None) is (other == kind):
            raise Invalid(f"A policy of type {kind} takes {CONFIGURATIONS[kind]}, and no other configuration.")
    configuration: dict[str, Any] = request[CONFIGURATIONS[kind]]
    rest = list(others)
    if before is None and len(rest) >= MOST_POLICIES:
        raise LimitExceeded(f"A scalable target can have at most {MOST_POLICIES} scaling policies.")
    {"StepScaling": steps, "TargetTrackingScaling": tracking, "PredictiveScaling": predictive}[kind](configuration)
    if kind == "TargetTrackingScaling" and any(_metric(p.configuration) == _metric(configuration) for p in rest):
        raise Invalid("Only one TargetTrackingScaling policy for a given metric specification is allowed.")
    return kind, configuration


def _metric(configuration: Given) -> Any:
    return configuration.get("PredefinedMetricSpecification") or configuration.get("CustomizedMetricSpecification")


def tracking(given: Given) -> None:
    predefined, custom = given.get("PredefinedMetricSpecification"), given.get("CustomizedMetricSpecification")
    if (predefined is None) is (custom is None):
        raise Invalid("Specify either a PredefinedMetricSpecification or a CustomizedMetricSpecification.")
    if given["TargetValue"] <= 0:
        raise Invalid("TargetValue must be greater than 0.")
    for member in ("ScaleInCooldown", "ScaleOutCooldown"):
        if (given.get(member) or 0) < 0:
            raise Invalid(f"{member} cannot be negative.")
    if predefined is not None:
        _predefined(predefined)
    elif bool(custom.get("Metrics")) is any(custom.get(m) for m in ("MetricName", "Namespace", "Statistic")):  # type: ignore[union-attr]
        raise Invalid("A customized metric has either Metrics, or MetricName, Namespace and Statistic.")
    elif not custom.get("Metrics") and not all(custom.get(m) for m in ("MetricName", "Namespace", "Statistic")):  # type: ignore[union-attr]
        raise Invalid("A customized metric has MetricName, Namespace and Statistic.")


def _predefined(given: Given) -> None:
    kind, label = given["PredefinedMetricType"], given.get("ResourceLabel")
    if kind not in PREDEFINED:
        raise Invalid(f"The predefined metric {kind} is not one of services of ECS.")
    if (kind == REQUESTS) is not bool(label):
        raise Invalid(f"ResourceLabel goes with the predefined metric {REQUESTS} alone, and must be specified with it.")
    if label and (len(parts := label.split("/")) != 6 or parts[3] != "targetgroup"):
        raise Invalid(f"ResourceLabel is not app/<name>/<id>/targetgroup/<name>/<id>: {label}")


def steps(given: Given) -> None:
    if not given.get("AdjustmentType"):
        raise Invalid("AdjustmentType must be specified for a step scaling policy.")
    adjustments = given.get("StepAdjustments") or []
    if not 0 < len(adjustments) <= MOST_STEPS:
        raise Invalid(f"StepAdjustments must have 1 to {MOST_STEPS} steps.")
    if given.get("MinAdjustmentMagnitude") is not None and given["AdjustmentType"] != "PercentChangeInCapacity":
        raise Invalid("MinAdjustmentMagnitude goes with the AdjustmentType PercentChangeInCapacity.")
    if given["AdjustmentType"] == "ExactCapacity" and any(s["ScalingAdjustment"] < 0 for s in adjustments):
        raise Invalid("ScalingAdjustment cannot be negative with the AdjustmentType ExactCapacity.")
    if (given.get("Cooldown") or 0) < 0:
        raise Invalid("Cooldown cannot be negative.")
    _intervals(sorted((_bound(s, "Lower", -inf), _bound(s, "Upper", inf)) for s in adjustments))


def _bound(step: Given, side: str, without: float) -> float:
    bound = step.get(f"MetricInterval{side}Bound")
    return without if bound is None else float(bound)


def _intervals(spans: list[tuple[float, float]]) -> None:
    if any(low == -inf and high == inf for low, high in spans):
        raise Invalid("A step adjustment must have a lower or an upper bound.")
    if any(low >= high for low, high in spans):
        raise Invalid("The upper bound of a step adjustment must be greater than its lower bound.")
    for (_, end), (begin, _) in pairwise(spans):
        if begin < end:
            raise Invalid("Step adjustment intervals cannot overlap.")
        if begin > end:
            raise Invalid("Step adjustment intervals cannot have a gap between them.")


def predictive(given: Given) -> None:
    if len(given["MetricSpecifications"]) != 1:
        raise Invalid("A predictive scaling policy has one metric specification.")
    if (given.get("MaxCapacityBreachBehavior") == "IncreaseMaxCapacity") is (given.get("MaxCapacityBuffer") is None):
        raise Invalid("MaxCapacityBuffer goes with the MaxCapacityBreachBehavior IncreaseMaxCapacity.")


def scheduled(request: Given, *, new: bool, others: int) -> None:
    """Raises Invalid, LimitExceeded."""
    schedule, zone, action = request.get("Schedule"), request.get("Timezone"), request.get("ScalableTargetAction")
    if new and (schedule is None or action is None):
        raise Invalid("A new scheduled action must have a Schedule and a ScalableTargetAction.")
    if new and others >= MOST_ACTIONS:
        raise LimitExceeded(f"A scalable target can have at most {MOST_ACTIONS} scheduled actions.")
    if schedule is not None and not any(is_one(schedule) for is_one in SCHEDULES):
        raise Invalid(f"Invalid schedule expression: {schedule}")
    if zone is not None and not schedules.is_timezone(zone):
        raise Invalid(f"Invalid time zone: {zone}")
    starts, ends = request.get("StartTime"), request.get("EndTime")
    if starts is not None and ends is not None and ends <= starts:
        raise Invalid("EndTime must be later than StartTime.")
    if action is not None:
        _action(action)


def _is_cron(text: str) -> bool:
    """The year may be left out here, and here alone."""
    return schedules.is_cron(text) or schedules.is_cron(f"{text.removesuffix(')')} *)")


SCHEDULES = (schedules.is_at, schedules.is_rate, _is_cron)


def _action(given: Given) -> None:
    low, high = given.get("MinCapacity"), given.get("MaxCapacity")
    if low is None and high is None:
        raise Invalid("At least one of minimum capacity and maximum capacity should be provided")
    bounds(low if low is not None else 0, high if high is not None else max(low or 0, 0))


def tags(given: Mapping[str, str], arn: str) -> dict[str, str]:
    """Raises Invalid, TooManyTags."""
    for key in given:
        if key.lower().startswith("aws:"):
            raise Invalid(f"The tag key {key} cannot start with aws: because it is reserved for AWS use.")
    if len(given) > MOST_TAGS:
        raise TooManyTags(arn, MOST_TAGS)
    return dict(given)
