"""How a capacity provider strategy shares tasks among its providers.

Source: Amazon ECS API Reference, CapacityProviderStrategyItem.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any


def providers(strategy: Sequence[Mapping[str, Any]], held: Mapping[str, int], count: int) -> list[str]:
    """Which provider each of the next `count` tasks goes to, in order, when `held` tasks are there already.

    The base is filled first. Each further task goes where the tasks beyond the base are fewest for the weight; the
    earlier item wins a tie. So among few tasks one provider may be more than a task beside its share of all.
    Beyond its base a provider of weight 0 gets none, so that without any weight fewer than `count` may come back.
    """
    counts = Counter(held)
    chosen: list[str] = []
    while len(chosen) < count and (name := _next(strategy, counts)) is not None:
        counts[name] += 1
        chosen.append(name)
    return chosen


def _next(strategy: Sequence[Mapping[str, Any]], counts: Mapping[str, int]) -> str | None:
    wanting = [i for i in strategy if counts[i["capacityProvider"]] < i["base"]]
    weighed = [i for i in strategy if i["weight"] > 0]
    if wanting:
        return str(wanting[0]["capacityProvider"])
    if not weighed:
        return None
    behind = min(weighed, key=lambda i: (counts[i["capacityProvider"]] - i["base"]) / i["weight"])
    return str(behind["capacityProvider"])
