"""What CreateService and UpdateService may ask for.

Source of the sentences: answers of the real service; of the defaults: Amazon ECS API Reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from podium.ecs.errors import InvalidParameter, Unsupported
from podium.ecs.rules import requests

LATER = {
    "loadBalancers": "targets behind a load balancer",
    "serviceRegistries": "names in Cloud Map",
    "serviceConnectConfiguration": "Service Connect",
    "volumeConfigurations": "volumes made at launch",
    "vpcLatticeConfigurations": "VPC Lattice targets",
    "enableExecuteCommand": "a shell in the container",
    "gatewayConnectors": "gateways",
}
LATER_IN_DEPLOYMENTS = {
    "lifecycleHooks": "hooks between the stages of a deployment",
    "bakeTimeInMinutes": "waiting before a deployment counts as done",
    "earlySuccessCriteria": "deployments that succeed before they are complete",
}
DEFAULT_THRESHOLD = {"type": "BOUNDED_PERCENT", "value": 50}
PROPAGATE = ("TASK_DEFINITION", "SERVICE", "NONE")
REBALANCING = ("ENABLED", "DISABLED")
MOST_DESIRED = 5000
MOST_DEPLOYMENTS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class DeploymentRules:
    """The parts of deploymentConfiguration that Podium acts on. Percentages of the desired count."""

    minimum_healthy_percent: int = 100
    maximum_percent: int = 200
    circuit_breaker: bool = False
    circuit_breaker_rollback: bool = False


def controller(request: Mapping[str, Any]) -> None:
    kind = (request.get("deploymentController") or {}).get("type", "ECS")
    if kind != "ECS":
        raise Unsupported(f"Podium does not run the {kind} deployment controller yet. Use ECS.")
    if request.get("schedulingStrategy", "REPLICA") == "DAEMON":
        raise Unsupported("Podium does not run the DAEMON scheduling strategy yet. Use REPLICA.")
    requests.capacity(request)
    requests.not_yet({name: value for name, value in request.items() if value != {"enabled": False}}, LATER)


def desired_count(request: Mapping[str, Any]) -> int:
    count: int = request["desiredCount"]
    if not 0 <= count <= MOST_DESIRED:
        raise InvalidParameter(f"desiredCount must be between 0 and {MOST_DESIRED}")
    return count


def deployment(given: Mapping[str, Any] | None, before: DeploymentRules) -> DeploymentRules:
    """`before`, with what is given put in its place. Raises InvalidParameter."""
    given = given or {}
    if given.get("strategy", "ROLLING") != "ROLLING":
        raise Unsupported(f"Podium does not run the {given['strategy']} deployment strategy yet. Use ROLLING.")
    if (given.get("alarms") or {}).get("enable"):
        raise Unsupported("Podium does not watch deployment alarms yet. Leave alarms out.")
    requests.not_yet(given, LATER_IN_DEPLOYMENTS)
    least = given.get("minimumHealthyPercent", before.minimum_healthy_percent)
    most = given.get("maximumPercent", before.maximum_percent)
    if not 0 <= least <= 100:
        raise InvalidParameter("minimumHealthyPercent must be at most 100")
    if most < 100:
        raise InvalidParameter("maximumPercent must be at least 100")
    if least == most == 100:
        raise InvalidParameter(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments."
        )
    breaker = _breaker(given.get("deploymentCircuitBreaker"))
    return DeploymentRules(
        minimum_healthy_percent=least,
        maximum_percent=most,
        circuit_breaker=breaker.get("enable", False) if breaker else before.circuit_breaker,
        circuit_breaker_rollback=breaker.get("rollback", False) if breaker else before.circuit_breaker_rollback,
    )


def _breaker(given: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The circuit breaker's settings, if its threshold and its forgiving are the usual ones."""
    if given and (given.get("thresholdConfiguration") or DEFAULT_THRESHOLD) != DEFAULT_THRESHOLD:
        raise Unsupported(
            "Podium does not change the circuit breaker's threshold yet. Leave thresholdConfiguration out."
        )
    if given and given.get("resetOnHealthyTask") is False:
        raise Unsupported("Podium does not count failures beyond a healthy task yet. Leave resetOnHealthyTask out.")
    return given


def another_deployment(unfinished: int) -> None:
    if unfinished >= MOST_DEPLOYMENTS:
        raise InvalidParameter(f"{unfinished} active deployments exist, unable to create new deployment.")


def grace(request: Mapping[str, Any], has_health_check: bool) -> None:
    """A grace period needs something to be gracious about: a health check of some container."""
    if request.get("healthCheckGracePeriodSeconds") and not has_health_check:
        raise InvalidParameter("Health check grace period is only valid for services configured to use load balancers")
