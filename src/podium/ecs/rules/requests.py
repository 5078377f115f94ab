"""Rules that RunTask, StartTask and the service operations share."""

from collections.abc import Mapping
from typing import Any

from podium.ecs import names
from podium.ecs.errors import Client, InvalidParameter, Unsupported
from podium.ecs.records import TaskDefinition, TaskDefinitionStatus
from podium.ecs.rules import choices
from podium.kernel.call import Call
from podium.store.session import Transaction

LAUNCH_TYPES = ("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")
MOST_STRATEGIES, MOST_CONSTRAINTS = 5, 10
MOST_OVERRIDES = 8192
LATER_IN_DEFINITIONS = {"proxyConfiguration": "App Mesh"}
LATER_IN_CONTAINERS = {
    "resourceRequirements": "GPUs",
    "firelensConfiguration": "log routers",
    "credentialSpecs": "Windows accounts",
}


def usable_definition(call: Call, tx: Transaction, value: str) -> TaskDefinition:
    """The definition to start tasks of. Raises Client for one unknown or no longer ACTIVE."""
    definition = names.task_definition(call, tx, value)
    if definition is None or definition.home != call.home:
        raise Client("TaskDefinition not found.")
    if definition.status is not TaskDefinitionStatus.ACTIVE:
        raise Client("TaskDefinition is inactive")
    return definition


def capacity(request: Mapping[str, Any]) -> None:
    if request.get("launchType") and request.get("capacityProviderStrategy"):
        raise InvalidParameter(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
        )
    if request.get("capacityProviderStrategy"):
        raise Unsupported("Podium does not run capacity provider strategies yet. Use launchType EC2.")


def launch_type(request: Mapping[str, Any], definition: TaskDefinition) -> str:
    """EC2 unless said otherwise. What Podium cannot run yet is refused here, in a sentence."""
    capacity(request)
    kind = choices.one_of("launchType", request.get("launchType") or "EC2", LAUNCH_TYPES)
    if kind not in definition.document["compatibilities"]:
        raise InvalidParameter(f"Task definition does not support launch_type {kind}.")
    if kind == "FARGATE":
        raise Unsupported(
            "Podium does not run launch type FARGATE yet. Use launchType EC2 with bridge or host networking."
        )
    if kind == "EC2" and request.get("platformVersion"):
        raise InvalidParameter("The platform version must be null when specifying an EC2 launch type.")
    not_yet(definition.document, LATER_IN_DEFINITIONS)
    for container in definition.containers:
        not_yet(container, LATER_IN_CONTAINERS)
    return kind


def network(request: Mapping[str, Any], definition: TaskDefinition) -> None:
    given = (request.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if definition.document.get("networkMode") != "awsvpc":
        if given is not None:
            raise InvalidParameter(
                "Network Configuration is not valid for the given networkMode of this task definition."
            )
        return
    if given is None:
        raise InvalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    if not given.get("subnets"):
        raise InvalidParameter("subnets can not be empty.")
    raise Unsupported("Podium does not run network mode awsvpc yet. Use bridge or host.")


def placement_strategy(given: Any) -> tuple[dict[str, str], ...]:
    """As stored: fields of binpack in lower case, `host` as `instanceId`."""
    strategy = list(given or ())
    if len(strategy) > MOST_STRATEGIES:
        raise InvalidParameter(f"Maximum number of strategies is {MOST_STRATEGIES}")
    return tuple(_strategy_item(item) for item in strategy)


def _strategy_item(item: Mapping[str, str]) -> dict[str, str]:
    kind = choices.one_of("type", item.get("type"), ("random", "spread", "binpack"))
    where = item.get("field", "")
    if kind == "random":
        if where:
            raise InvalidParameter("random field should not be specified.")
        return {"type": kind}
    if kind == "binpack":
        if where.lower() not in ("cpu", "memory"):
            raise InvalidParameter(f"binpack field '{where}' is invalid.")
        return {"type": kind, "field": where.lower()}
    if where not in ("instanceId", "host") and not where.startswith("attribute:"):
        raise InvalidParameter(f"spread field '{where}' is invalid.")
    return {"type": kind, "field": "instanceId" if where == "host" else where}


def placement_constraints(given: Any, definition: TaskDefinition | None = None) -> tuple[dict[str, str], ...]:
    """distinctInstance alone for now; memberOf expressions are refused, so that none is silently ignored."""
    constraints = [*(given or ())]
    inherited = definition.document["placementConstraints"] if definition else []
    if len(constraints) + len(inherited) > MOST_CONSTRAINTS:
        raise InvalidParameter(f"Maximum number of constraints is {MOST_CONSTRAINTS}")
    for constraint in (*constraints, *inherited):
        kind = choices.one_of("type", constraint.get("type"), ("distinctInstance", "memberOf"))
        if kind == "distinctInstance" and constraint.get("expression"):
            raise InvalidParameter("distinctInstance expression should not be specified.")
        if kind == "memberOf":
            raise Unsupported("Podium does not evaluate memberOf placement constraints yet. Use distinctInstance.")
    return tuple({k: v for k, v in c.items() if v is not None} for c in constraints)


def overrides(given: Mapping[str, Any] | None, definition: TaskDefinition) -> dict[str, Any]:
    overrides = dict(given or {})
    if len(str(overrides)) > MOST_OVERRIDES:
        raise InvalidParameter(f"Container Overrides length must be at most {MOST_OVERRIDES}")
    known = {c["name"] for c in definition.containers}
    for override in overrides.get("containerOverrides", []):
        if override.get("name") not in known:
            raise InvalidParameter(
                f"Override for container named {override.get('name')} is not a container in the TaskDefinition."
            )
    return overrides


def not_yet(request: Mapping[str, Any], members: Mapping[str, str]) -> None:
    """Refuse members that would be silently without effect. `members` maps each to what it would do."""
    for name, meaning in members.items():
        if request.get(name):
            raise Unsupported(f"Podium does not support {name} yet ({meaning}). Leave it out.")
