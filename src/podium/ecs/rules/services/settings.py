"""What holds of a service as a whole, when it is made and after every change.

Source: Amazon ECS API Reference, CreateService; Amazon ECS Developer Guide, "Balancing an Amazon ECS service
across Availability Zones".
"""

from collections.abc import Mapping
from typing import Any

from podium.ecs.errors import InvalidParameter
from podium.ecs.records import Service, TaskDefinition
from podium.ecs.rules import networks
from podium.ecs.rules.services import balancing, deployments

AZ_NAME = "ecs.availability-zone"
AZ_FIELD = f"attribute:{AZ_NAME}"
MOST_REGISTERED = 1000  # tasks of a service in AWS Cloud Map
MOST_GRACE_SECONDS = 2_147_483_647
LINKED_ROLE = "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"


def whole(service: Service, definition: TaskDefinition | None, verb: str) -> None:
    """Whether the service's parts go together. `verb` is `created` or `updated`. Raises InvalidParameter.

    Without a definition (controller EXTERNAL) only what needs none is looked at.
    """
    made = {name: getattr(service, name) for name in deployments.DEFAULTS}
    if service.controller == "ECS":
        deployments.percentages(made, service.scheduling_strategy)
    deployments.suited(made, service.controller, service.scheduling_strategy)
    runs_on = service.runs_on
    balancing.load_balancers(service.load_balancers, definition, runs_on, service.deployment_strategy)
    balancing.registries(service.service_registries, definition, runs_on)
    if service.service_registries and service.desired_count > MOST_REGISTERED:
        raise InvalidParameter(f"desiredCount must be at most {MOST_REGISTERED} for services with service registries")
    balancing.named_ports((*service.vpc_lattice_configurations, *service.gateway_connectors), definition)
    if runs_on == "FARGATE":
        _not_on_fargate(service)
    if definition is not None:
        _grace(service, definition)
        _task_role(service, definition, verb)


def _not_on_fargate(service: Service) -> None:
    if service.placement_constraints:
        raise InvalidParameter("Placement constraints are not supported with FARGATE launch type.")
    if service.placement_strategy:
        raise InvalidParameter("Placement strategies are not supported with FARGATE launch type.")


def _grace(service: Service, definition: TaskDefinition) -> None:
    """A grace period needs something to be gracious about: a load balancer, or a health check of some container."""
    seconds = service.health_check_grace_seconds
    if not 0 <= seconds <= MOST_GRACE_SECONDS:
        raise InvalidParameter(f"healthCheckGracePeriodSeconds must be between 0 and {MOST_GRACE_SECONDS}")
    checked = any("healthCheck" in c for c in definition.containers)
    reached = service.load_balancers or service.vpc_lattice_configurations or service.gateway_connectors
    if seconds and not (reached or checked):
        raise InvalidParameter("Health check grace period is only valid for services configured to use load balancers")


def _task_role(service: Service, definition: TaskDefinition, verb: str) -> None:
    if service.enable_execute_command and "taskRoleArn" not in definition.document:
        raise InvalidParameter(
            f"The service couldn't be {verb} because a valid taskRoleArn is not being used. "
            "Specify a valid task role in your task definition and try again."
        )


def role(given: str | None, service: Service, definition: TaskDefinition | None, account_arn: str) -> str | None:
    """The ARN of the role by which ECS reaches load balancers; None when there is nothing to reach.

    `account_arn` is `arn:<partition>:iam::<account>:`.
    """
    own_interface = definition is not None and definition.document.get("networkMode") == "awsvpc"
    external = service.controller == "EXTERNAL"
    linked = own_interface or external or service.service_registries or len(service.load_balancers) > 1
    if given and linked:
        raise InvalidParameter("You cannot specify an IAM role for services that require a service linked role.")
    if given and not service.load_balancers:
        raise InvalidParameter("An IAM role can only be specified for services that use a load balancer.")
    if given:
        return given if given.startswith("arn:") else f"{account_arn}role/{given}"
    return f"{account_arn}{LINKED_ROLE}" if linked or service.load_balancers else None


def rebalancing(asked: str | None, service: Service) -> str:
    """What was asked for, if the service's tasks can be moved between zones; unasked, ENABLED where they can."""
    reason = keeps_zones(service)
    if asked == "ENABLED" and reason:
        raise InvalidParameter(f"Availability Zone rebalancing is not supported {reason}.")
    return asked or ("DISABLED" if reason else "ENABLED")


def keeps_zones(service: Service) -> str | None:
    """Why its tasks cannot be moved between zones; None where they can."""
    strategy = service.placement_strategy
    if service.scheduling_strategy == "DAEMON":
        return "with the daemon scheduling strategy"
    if service.runs_on == "EXTERNAL":
        return "with EXTERNAL launch type"
    if service.maximum_percent <= 100:
        return "when maximumPercent is 100 or less"
    if any(entry.get("loadBalancerName") for entry in service.load_balancers):
        return "with Classic Load Balancers"
    if strategy and (strategy[0]["type"], strategy[0].get("field")) != ("spread", AZ_FIELD):
        return "unless the first placement strategy spreads across Availability Zones"
    if any(AZ_NAME in c.get("expression", "") for c in service.placement_constraints):
        return "with placement constraints on ecs.availability-zone"
    return None


def network(given: Mapping[str, Any] | None, service: Service, definition: TaskDefinition) -> dict[str, Any] | None:
    """What is given, or else what the service has, if it suits the definition."""
    return networks.configuration(
        service.network_configuration if given is None else given, definition, service.runs_on
    )
