"""Rules that RunTask, StartTask and the service operations share."""

from collections.abc import Mapping
from typing import Any

from podium.ecs import names, query
from podium.ecs.errors import Client, InvalidParameter
from podium.ecs.records import TaskDefinition, TaskDefinitionStatus
from podium.ecs.rules import choices
from podium.kernel.call import Call
from podium.store.session import Transaction

MOST_STRATEGIES, MOST_CONSTRAINTS = 5, 10


def usable_definition(call: Call, tx: Transaction, value: str) -> TaskDefinition:
    """The definition to start tasks of. Raises Client for one unknown or no longer ACTIVE."""
    definition = names.task_definition(call, tx, value)
    if definition is None or definition.home != call.home:
        raise Client("TaskDefinition not found.")
    if definition.status is not TaskDefinitionStatus.ACTIVE:
        raise Client("TaskDefinition is inactive")
    return definition


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
    """As stored. The task definition's own count with them, and every expression must be one."""
    constraints = [*(given or ())]
    inherited = definition.document["placementConstraints"] if definition else []
    if len(constraints) + len(inherited) > MOST_CONSTRAINTS:
        raise InvalidParameter(f"Maximum number of constraints is {MOST_CONSTRAINTS}")
    for constraint in (*constraints, *inherited):
        kind = choices.one_of("type", constraint.get("type"), ("distinctInstance", "memberOf"))
        if kind == "distinctInstance" and constraint.get("expression") is not None:
            raise InvalidParameter("distinctInstance expression should not be specified.")
        if kind == "memberOf":
            query.parsed(constraint.get("expression") or "")
    return tuple({k: v for k, v in c.items() if v is not None} for c in constraints)


def not_on_fargate(request: Mapping[str, Any]) -> None:
    if request.get("placementConstraints"):
        raise InvalidParameter("Placement constraints are not supported with FARGATE launch type.")
    if request.get("placementStrategy"):
        raise InvalidParameter("Placement strategies are not supported with FARGATE launch type.")


def at_most(name: str, value: str | None, most: int) -> None:
    if value is not None and len(value) > most:
        raise InvalidParameter(f"{name} length must be at most {most}")


def client_token(value: str | None, most: int) -> None:
    """Printable ASCII without spaces."""
    at_most("clientToken", value, most)
    if value and any(not 33 <= ord(letter) <= 126 for letter in value):
        raise InvalidParameter("clientToken can contain only ASCII characters in the range of 33-126.")
