"""What an alarm may look at.

Source: Amazon CloudWatch API Reference, PutMetricAlarm.
"""

from collections.abc import Mapping
from typing import Any

from podium.cloudwatch.errors import Invalid, InvalidCombination, InvalidValue, Missing
from podium.cloudwatch.service import cloudwatch
from podium.kernel.tags import Tagging

Given = Mapping[str, Any]
SHORT_PERIODS = (10, 20, 30)  # seconds; every other one is a multiple of a minute
HOUR, DAY, WEEK = 3600, 86_400, 604_800
TREATMENTS = ("breaching", "notBreaching", "ignore", "missing")
LOW_SAMPLES = ("evaluate", "ignore")
OF_BANDS = (
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
)
LISTED = {
    "ComparisonOperator": "ComparisonOperator",
    "StateValue": "StateValue",
    "Statistic": "Statistic",
    "Unit": "StandardUnit",
}
ONE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit")
TAGS = Tagging(
    duplicate=lambda key: InvalidValue(f"Duplicate tag key found: {key}"),
    reserved=lambda key: InvalidValue("Tag keys cannot start with aws: because it is reserved for AWS use."),
    too_many=lambda most: InvalidValue(f"A resource can have at most {most} tags."),
)


def alarm(given: Given) -> None:
    """Whether the request describes an alarm. Raises what CloudWatch does."""
    words(given)
    if not given.get("EvaluationPeriods") and not given.get("EvaluationCriteria"):
        raise Missing("EvaluationPeriods")
    if given.get("Metrics"):
        _of_several(given)
    elif not given.get("EvaluationCriteria"):
        _of_one(given)
    _threshold(given)
    periods, points = given.get("EvaluationPeriods"), given.get("DatapointsToAlarm")
    if periods and points and points > periods:
        raise Invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods.")
    treatment = given.get("TreatMissingData")
    if treatment is not None and treatment not in TREATMENTS:
        raise Invalid(f"Option {treatment} is not supported for TreatMissingData.")
    low = given.get("EvaluateLowSampleCountPercentile")
    if low is not None and low not in LOW_SAMPLES:
        raise Invalid(f"Option {low} is not supported for EvaluateLowSampleCountPercentile.")


def words(given: Given) -> None:
    """Whether what the model has a list for is on it. Raises Invalid."""
    for member, shape in LISTED.items():
        allowed = getattr(cloudwatch.model.shape_for(shape), "enum", ())
        if given.get(member) is not None and given[member] not in allowed:
            raise Invalid(
                f"1 validation error detected: Value '{given[member]}' at '{member[:1].lower()}{member[1:]}' failed to "
                f"satisfy constraint: Member must satisfy enum value set: [{', '.join(allowed)}]"
            )


def _of_one(given: Given) -> None:
    for name in ("MetricName", "Namespace", "Period"):
        if not given.get(name):
            raise Missing(name)
    if bool(given.get("Statistic")) == bool(given.get("ExtendedStatistic")):
        if given.get("Statistic"):
            raise InvalidCombination("Statistic and ExtendedStatistic are mutually exclusive.")
        raise Missing("Statistic or ExtendedStatistic")
    period, periods = given["Period"], given.get("EvaluationPeriods") or 1
    if period not in SHORT_PERIODS and period % 60:
        raise Invalid("Period must be 10, 20, 30 or a multiple of 60.")
    longest, what = (WEEK, "seven days") if period >= HOUR else (DAY, "a day")
    if period * periods > longest:
        raise Invalid(
            f"Metrics cannot be checked across more than {what} (EvaluationPeriods * Period must be <= {longest})."
        )


def _of_several(given: Given) -> None:
    for name in ONE_METRIC:
        if given.get(name):
            raise InvalidCombination(f"Metrics cannot be specified together with {name}.")
    ids = [query.get("Id") for query in given["Metrics"]]
    if len(set(ids)) < len(ids):
        raise Invalid("The values for the Id of the items of Metrics must be unique.")
    returned = [query for query in given["Metrics"] if query.get("ReturnData", True)]
    if len(returned) != 1 and not given.get("ThresholdMetricId"):
        raise Invalid("Exactly one element of the metrics list should return data.")
    band = given.get("ThresholdMetricId")
    if band and band not in ids:
        raise Invalid("ThresholdMetricId must be the Id of an item of Metrics.")


def _threshold(given: Given) -> None:
    comparison, band = given.get("ComparisonOperator"), given.get("ThresholdMetricId")
    if given.get("EvaluationCriteria"):
        return
    if not comparison:
        raise Missing("ComparisonOperator")
    if (comparison in OF_BANDS) is not bool(band):
        raise InvalidCombination(
            "ThresholdMetricId goes with the comparison operators of anomaly detection bands, and these with it."
        )
    if not band and given.get("Threshold") is None:
        raise Missing("Threshold")
