"""The deployment configuration: how a service moves from one revision to the next.

Source: Amazon ECS API Reference, DeploymentConfiguration and the types of its members.
"""

from collections.abc import Mapping
from typing import Any

from podium.ecs.errors import InvalidParameter

Given = Mapping[str, Any]
Fields = dict[str, Any]  # fields of the Service record

DEFAULTS: Fields = {
    "deployment_strategy": "ROLLING",
    "minimum_healthy_percent": 100,
    "maximum_percent": 200,
    "circuit_breaker": False,
    "circuit_breaker_rollback": False,
    "circuit_breaker_forgives": True,
    "circuit_breaker_type": "BOUNDED_PERCENT",
    "circuit_breaker_value": 50,
    "bake_minutes": 0,
    "lifecycle_hooks": (),
    "linear": None,
    "canary": None,
    "early_success": None,
    "alarms": None,
}
OF_DAEMONS: Fields = {**DEFAULTS, "minimum_healthy_percent": 0, "maximum_percent": 100}
LINEAR = {"stepPercent": 10.0, "stepBakeTimeInMinutes": 6}
CANARY = {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10}
LEAST_STEP, LEAST_CANARY = 3.0, 0.1  # percent
MOST_BAKE_MINUTES = 1440
MOST_DEPLOYMENTS = 5
PAUSES = (
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
)
PLAIN = {
    "strategy": "deployment_strategy",
    "minimumHealthyPercent": "minimum_healthy_percent",
    "maximumPercent": "maximum_percent",
    "bakeTimeInMinutes": "bake_minutes",
    "earlySuccessCriteria": "early_success",
    "alarms": "alarms",
}


def fields(given: Given | None, before: Fields) -> Fields:
    """`before`, with what is given put in its place. Raises InvalidParameter."""
    given = {name: value for name, value in (given or {}).items() if value is not None}
    made = {**before, **{field: given[name] for name, field in PLAIN.items() if name in given}}
    made |= _breaker(given.get("deploymentCircuitBreaker") or {})
    if "lifecycleHooks" in given:
        made["lifecycle_hooks"] = tuple(_hook(hook) for hook in given["lifecycleHooks"])
    strategy = made["deployment_strategy"]
    if "bakeTimeInMinutes" not in given and given.get("strategy") == "BLUE_GREEN":
        raise InvalidParameter("bakeTimeInMinutes must be specified when the deployment strategy is BLUE_GREEN.")
    made["linear"] = _shifting("LINEAR", "linearConfiguration", LINEAR, given, strategy, before["linear"])
    made["canary"] = _shifting("CANARY", "canaryConfiguration", CANARY, given, strategy, before["canary"])
    _minutes("bakeTimeInMinutes", made["bake_minutes"])
    _early_success(made)
    return made


def percentages(made: Fields, scheduling_strategy: str) -> None:
    """Whether a deployment could ever move: there must be something between the least and the most."""
    least, most = made["minimum_healthy_percent"], made["maximum_percent"]
    if scheduling_strategy == "DAEMON" and most > 100:
        raise InvalidParameter(
            "The daemon scheduling strategy does not support values above 100 for maximumPercent on a deployment "
            "configuration. Change the maximumPercent value to 100, and try again"
        )
    if least > 100:
        raise InvalidParameter("minimumHealthyPercent must be at most 100")
    if least < 0:
        raise InvalidParameter("minimumHealthyPercent must be at least 0")
    if most < 100:
        raise InvalidParameter("maximumPercent must be at least 100")
    if least >= most:
        raise InvalidParameter(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments."
        )


def suited(made: Fields, controller: str, scheduling_strategy: str) -> None:
    """What other controllers and strategies than ECS and REPLICA do not have."""
    if controller != "ECS":
        if made["circuit_breaker"]:
            raise InvalidParameter(
                "Deployment circuit breaker feature can be enabled only with ECS deployment controller."
            )
        if (made["alarms"] or {}).get("enable"):
            raise InvalidParameter("Deployment alarms can be enabled only with ECS deployment controller.")
        if made["deployment_strategy"] != "ROLLING":
            raise InvalidParameter("A deployment strategy can be specified only with ECS deployment controller.")
    if scheduling_strategy == "DAEMON":
        if (made["alarms"] or {}).get("enable"):
            raise InvalidParameter("The daemon scheduling strategy does not support deployment alarms.")
        if made["deployment_strategy"] != "ROLLING":
            raise InvalidParameter(
                "The daemon scheduling strategy does not support deployment strategy "
                f"{made['deployment_strategy']}. Use ROLLING, and try again"
            )


def another(unfinished: int) -> None:
    if unfinished >= MOST_DEPLOYMENTS:
        raise InvalidParameter(f"{unfinished} active deployments exist, unable to create new deployment.")


def _breaker(given: Given) -> Fields:
    if not given:
        return {}
    made: Fields = {"circuit_breaker": given["enable"], "circuit_breaker_rollback": given["rollback"]}
    if given.get("resetOnHealthyTask") is not None:
        made["circuit_breaker_forgives"] = given["resetOnHealthyTask"]
    if threshold := given.get("thresholdConfiguration"):
        kind, value = threshold["type"], threshold["value"]
        if value < 1 or (kind != "COUNT" and value > 100):
            most = "" if kind == "COUNT" else " and at most 100"
            raise InvalidParameter(f"The value of thresholdConfiguration must be at least 1{most}")
        made |= {"circuit_breaker_type": kind, "circuit_breaker_value": value}
    return made


def _hook(given: Given) -> dict[str, Any]:
    """With the kind of its target written out. A pause needs nobody to call."""
    kind = given.get("targetType") or "AWS_LAMBDA"
    stages = given.get("lifecycleStages") or ()
    if kind not in ("AWS_LAMBDA", "PAUSE"):
        raise InvalidParameter("Invalid targetType. Valid values are: AWS_LAMBDA, PAUSE")
    if not stages:
        raise InvalidParameter("lifecycleStages can not be empty.")
    if kind == "PAUSE":
        if not set(stages) <= set(PAUSES):
            raise InvalidParameter("Invalid lifecycle stage provided for Pause Hook")
        if given.get("hookTargetArn") or given.get("roleArn"):
            raise InvalidParameter("hookTargetArn and roleArn cannot be specified for a Pause Hook.")
    elif not given.get("hookTargetArn") or not given.get("roleArn"):
        raise InvalidParameter("hookTargetArn and roleArn must be specified for lifecycle hooks of type AWS_LAMBDA.")
    return {"targetType": kind, **given}


def _shifting(
    strategy: str, member: str, defaults: Given, given: Given, chosen: str, before: Fields | None
) -> Fields | None:
    """The steps of a strategy that shifts traffic; None for another strategy."""
    if chosen != strategy:
        if member in given:
            raise InvalidParameter(f"{member} can only be specified when the deployment strategy is {strategy}.")
        return None
    made = {**defaults, **(before or {}), **given.get(member, {})}
    for name, value in made.items():
        if name.endswith("Minutes"):
            _minutes(name, value)
        else:
            _percent(name, value, LEAST_STEP if strategy == "LINEAR" else LEAST_CANARY)
    return made


def _percent(name: str, value: float, least: float) -> None:
    tenths = round(value * 10, 6)
    if not least <= value <= 100 or tenths != int(tenths):
        raise InvalidParameter(f"{name} must be a multiple of 0.1 between {least} and 100.0")


def _minutes(name: str, value: int) -> None:
    if not 0 <= value <= MOST_BAKE_MINUTES:
        raise InvalidParameter(f"{name} must be between 0 and {MOST_BAKE_MINUTES}")


def _early_success(made: Fields) -> None:
    early = made["early_success"]
    if not early or not early["enable"]:
        return
    if made["deployment_strategy"] != "ROLLING":
        raise InvalidParameter("earlySuccessCriteria can only be enabled when the deployment strategy is ROLLING.")
    if early.get("healthyPercent") is None or not early.get("sourceServiceRevisionCleanup"):
        raise InvalidParameter(
            "healthyPercent and sourceServiceRevisionCleanup must be specified when earlySuccessCriteria is enabled."
        )
    if early["healthyPercent"] < made["minimum_healthy_percent"]:
        raise InvalidParameter("healthyPercent must be greater than or equal to minimumHealthyPercent.")
