"""Capacity provider strategies: the base first, then whoever has the fewest tasks for its weight."""

from collections import Counter
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from podium.ecs.scheduling import shares

NAMES = ("a", "b", "c", "d")


@st.composite
def strategies(draw: st.DrawFn) -> list[dict[str, Any]]:
    """At most one base, as AWS has it."""
    number = draw(st.integers(1, 4))
    items = [{"capacityProvider": n, "base": 0, "weight": draw(st.integers(0, 10))} for n in NAMES[:number]]
    items[draw(st.integers(0, number - 1))]["base"] = draw(st.integers(0, 5))
    return items


helds = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 8))


def test_the_documented_example() -> None:
    """Source: Amazon ECS API Reference: base 1 on A, weights 1 to 4, eleven tasks."""
    strategy = [
        {"capacityProvider": "a", "base": 1, "weight": 1},
        {"capacityProvider": "b", "base": 0, "weight": 4},
    ]
    assert Counter(shares.providers(strategy, {}, 11)) == {"a": 3, "b": 8}


@given(strategies(), helds, st.integers(0, 20))
def test_the_base_comes_first_also_when_its_tasks_died(
    strategy: list[dict[str, Any]], held: dict[str, int], count: int
) -> None:
    chosen = shares.providers(strategy, held, count)
    for item in strategy:
        lacking = max(0, item["base"] - held.get(item["capacityProvider"], 0))
        assert chosen[:lacking] == [item["capacityProvider"]] * min(lacking, len(chosen[:lacking]))


@given(strategies(), helds, st.integers(0, 60))
def test_beyond_the_base_each_goes_to_the_first_that_has_fewest_for_its_weight(
    strategy: list[dict[str, Any]], held: dict[str, int], count: int
) -> None:
    counts = Counter(held)
    for name in shares.providers(strategy, held, count):
        if all(counts[i["capacityProvider"]] >= i["base"] for i in strategy):
            fewest = {
                i["capacityProvider"]: Fraction(counts[i["capacityProvider"]] - i["base"], i["weight"])
                for i in strategy
                if i["weight"]
            }
            assert name == next(n for n in fewest if fewest[n] == min(fewest.values()))
        counts[name] += 1


@given(strategies(), helds, st.integers(0, 60))
def test_with_a_weight_every_task_has_a_provider(
    strategy: list[dict[str, Any]], held: dict[str, int], count: int
) -> None:
    missing = sum(max(0, i["base"] - held.get(i["capacityProvider"], 0)) for i in strategy)
    weighed = any(i["weight"] for i in strategy)
    assert len(shares.providers(strategy, held, count)) == (count if weighed else min(count, missing))


@given(strategies(), helds, st.integers(0, 20))
def test_without_a_weight_there_is_nothing_beyond_the_base(
    strategy: list[dict[str, Any]], held: dict[str, int], count: int
) -> None:
    chosen = Counter(shares.providers(strategy, held, count))
    for item in strategy:
        if item["weight"] == 0:
            assert chosen[item["capacityProvider"]] <= max(0, item["base"] - held.get(item["capacityProvider"], 0))


@given(strategies(), helds, st.integers(0, 10), st.integers(0, 10))
def test_asked_for_at_once_or_one_after_the_other_it_comes_to_the_same(
    strategy: list[dict[str, Any]], held: dict[str, int], first: int, second: int
) -> None:
    early = shares.providers(strategy, held, first)
    late = shares.providers(strategy, Counter(held) + Counter(early), second)
    assert [*early, *late] == shares.providers(strategy, held, first + second)
