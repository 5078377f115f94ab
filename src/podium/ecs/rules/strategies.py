"""Capacity provider strategies: which are valid, and which one a request means.

Source of the sentences: answers of the real service; of the numbers: Amazon ECS API Reference,
CapacityProviderStrategyItem.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from podium.ecs.errors import InvalidParameter
from podium.ecs.records import Cluster, ProviderKind
from podium.ecs.rules import capacity_providers
from podium.kernel.call import Call
from podium.store.session import Transaction

Strategy = tuple[dict[str, Any], ...]
MOST_ITEMS = 20
FAMILY = {ProviderKind.FARGATE_SPOT: ProviderKind.FARGATE}
NOT_ASSOCIATED = (
    "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the "
    "cluster. Associate the capacity provider with the cluster and try again."
)
MIXED = (
    "A capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and Fargate "
    "providers. Specify one or the other and try again."
)
SEVERAL_BASES = (
    "There are multiple capacity providers in the specified capacity provider strategy with a base value greater than "
    "zero. Only one capacity provider can have a base value greater than zero. Specify a valid capacity provider "
    "strategy and try again."
)


def stored(call: Call, tx: Transaction, associated: Iterable[str], given: Iterable[Mapping[str, Any]]) -> Strategy:
    """The items as stored, weight and base 0 where left out. Raises InvalidParameter.

    Weights that are all 0 may be stored as a cluster's default; it is using such a strategy that fails.
    """
    items = tuple(
        {"capacityProvider": i["capacityProvider"], "weight": i.get("weight", 0), "base": i.get("base", 0)}
        for i in given
    )
    named = [i["capacityProvider"] for i in items]
    if len(items) > MOST_ITEMS:
        raise InvalidParameter(f"A capacity provider strategy can have at most {MOST_ITEMS} items.")
    if not set(named) <= set(associated):
        raise InvalidParameter(NOT_ASSOCIATED)
    if len(set(named)) < len(named):
        raise InvalidParameter("A capacity provider can only be specified once in a capacity provider strategy.")
    if len({_family(call, tx, name) for name in named}) > 1:
        raise InvalidParameter(MIXED)
    if sum(i["base"] > 0 for i in items) > 1:
        raise InvalidParameter(SEVERAL_BASES)
    return items


def resolved(call: Call, tx: Transaction, cluster: Cluster, request: Mapping[str, Any]) -> Strategy:
    """The strategy that RunTask, CreateService, UpdateService or CreateTaskSet means; empty for a launch type.

    Without either of the two it is the cluster's default, if there is one. Raises InvalidParameter.
    """
    given = request.get("capacityProviderStrategy")
    if given and request.get("launchType"):
        raise InvalidParameter(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
        )
    if request.get("launchType"):
        return ()
    if not given:
        return _usable(
            cluster.default_strategy, "default ", "Update the cluster's default capacity provider strategy or "
        )
    if len(given) == 1:
        given = [{"weight": 1, **given[0]}]
    return _usable(stored(call, tx, cluster.capacity_providers, given), "", "")


def _usable(strategy: Strategy, which: str, remedy: str) -> Strategy:
    """One with a weight above zero: a base alone leaves no provider for the tasks beyond it."""
    if strategy and not any(i["weight"] > 0 for i in strategy):
        advice = f"{remedy}specify a valid capacity provider strategy and try again."
        raise InvalidParameter(
            "There are no capacity providers with a weight value greater than zero defined in the "
            f"{which}capacity provider strategy. At least one capacity provider must have a weight value greater than "
            f"zero specified. {advice[:1].upper()}{advice[1:]}"
        )
    return strategy


def kind(call: Call, tx: Transaction, strategy: Strategy) -> ProviderKind | None:
    """What the strategy's providers are, FARGATE_SPOT counting as FARGATE; None for an empty strategy."""
    return _family(call, tx, strategy[0]["capacityProvider"]) if strategy else None


def _family(call: Call, tx: Transaction, name: str) -> ProviderKind:
    found = capacity_providers.find(call, tx, name)
    if found is None:
        raise InvalidParameter(capacity_providers.NOT_FOUND)
    return FAMILY.get(found.kind, found.kind)
