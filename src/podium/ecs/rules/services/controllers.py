"""Which settings go with which deployment controller and scheduling strategy.

Source: Amazon ECS API Reference, CreateService and UpdateService; Amazon ECS Developer Guide, "Amazon ECS services".
"""

from collections.abc import Mapping
from typing import Any

from podium.ecs.errors import InvalidParameter

Given = Mapping[str, Any]
BLANK_ON_EXTERNAL = ("taskDefinition", "networkConfiguration", "platformVersion", "volumeConfigurations")
ELSEWHERE = " Use AWS CodeDeploy to trigger a new deployment."
NOT_BY_CODE_DEPLOY = {
    "taskDefinition": "Unable to update task definition on services with a CODE_DEPLOY deployment controller.",
    "networkConfiguration": "Unable to update network parameters on services with a CODE_DEPLOY deployment controller.",
    "platformVersion": "Unable to update platform version on services with a CODE_DEPLOY deployment controller.",
    "capacityProviderStrategy": (
        "Unable to update capacity provider strategy on services with a CODE_DEPLOY deployment controller."
    ),
    "forceNewDeployment": "Cannot force a new deployment on services with a CODE_DEPLOY deployment controller.",
}
NOT_BY_EXTERNAL = {
    "taskDefinition": "task definition",
    "networkConfiguration": "network parameters",
    "platformVersion": "platform version",
    "capacityProviderStrategy": "capacity provider strategy",
    "loadBalancers": "load balancers",
    "serviceRegistries": "service registries",
    "serviceConnectConfiguration": "Service Connect configuration",
}


def created(request: Given, most_tasks: int) -> tuple[str, str]:
    """The controller and the strategy of a new service, if the request fits them. Raises InvalidParameter."""
    controller = (request.get("deploymentController") or {}).get("type", "ECS")
    strategy = request.get("schedulingStrategy") or "REPLICA"
    if strategy == "DAEMON":
        _daemon(request, controller)
    elif "desiredCount" not in request and controller != "EXTERNAL":
        raise InvalidParameter("desiredCount must be specified for services with the REPLICA scheduling strategy.")
    desired_count(request.get("desiredCount", 0), most_tasks)
    if controller == "EXTERNAL":
        for member in BLANK_ON_EXTERNAL:
            if request.get(member):
                raise InvalidParameter(f"{member[:1].upper()}{member[1:]} must be blank.")
    elif request.get("taskDefinition") is None:
        raise InvalidParameter("TaskDefinition can not be blank.")
    if controller == "CODE_DEPLOY" and len(request.get("loadBalancers") or ()) != 1:
        raise InvalidParameter(
            "Exactly one load balancer must be specified for services with a CODE_DEPLOY deployment controller."
        )
    return controller, strategy


def _daemon(request: Given, controller: str) -> None:
    if controller != "ECS":
        raise InvalidParameter(
            f"The daemon scheduling strategy does not support the {controller} deployment controller. "
            "Use the ECS deployment controller, and try again"
        )
    no_desired_count(request)
    if request.get("placementStrategy"):
        raise InvalidParameter(
            "The daemon scheduling strategy does not support placement strategies. "
            "Remove the placement strategy and try again"
        )
    if request.get("launchType") == "FARGATE":
        raise InvalidParameter(
            "The daemon scheduling strategy does not support the FARGATE launch type. "
            "Use the EC2 launch type, and try again"
        )


def no_desired_count(request: Given) -> None:
    """DAEMON services count for themselves; even the right number is refused, and 0 too."""
    if "desiredCount" in request:
        raise InvalidParameter(
            "The daemon scheduling strategy does not support a desired count for services. "
            "Remove the desired count value and try again"
        )


def no_strategy_of_providers(strategy: object) -> None:
    """Not even the cluster's default one: a DAEMON service there needs launch type EC2."""
    if strategy:
        raise InvalidParameter(
            "Specifying a capacity provider strategy is not supported when you create a service using the DAEMON "
            "scheduling strategy."
        )


def desired_count(count: int, most_tasks: int) -> int:
    if not 0 <= count <= most_tasks:
        raise InvalidParameter(f"desiredCount must be between 0 and {most_tasks}")
    return count


def updated(request: Given, controller: str, scheduling_strategy: str) -> str:
    """The controller after the update, if the request fits the one before. Raises InvalidParameter."""
    after: str = (request.get("deploymentController") or {}).get("type") or controller
    if scheduling_strategy == "DAEMON":
        no_desired_count(request)
    if after != controller:
        if after != "ECS":
            raise InvalidParameter(
                f"Unable to change the deployment controller from {controller} to {after}. "
                "A deployment controller can only be changed to ECS."
            )
        return after
    if controller == "CODE_DEPLOY":
        for member, sentence in NOT_BY_CODE_DEPLOY.items():
            if request.get(member):
                raise InvalidParameter(sentence + ELSEWHERE)
    if controller == "EXTERNAL":
        for member, what in NOT_BY_EXTERNAL.items():
            if request.get(member):
                raise InvalidParameter(
                    f"Unable to update {what} on services with an EXTERNAL deployment controller. "
                    "Use task sets instead."
                )
        if request.get("forceNewDeployment"):
            raise InvalidParameter(
                "Cannot force a new deployment on services with an EXTERNAL deployment controller. "
                "Use task sets instead."
            )
    return after
