"""Of every event there is a pattern that is about it; and what a pattern says no to is what it does not say yes to."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from podium.events.matchers import InvalidPattern
from podium.events.patterns import compiled

names = st.text("abcdef", min_size=1, max_size=3)
scalars = st.none() | st.booleans() | st.integers(-1000, 1000) | st.floats(-100, 100) | st.text(max_size=6)
events = st.recursive(
    st.dictionaries(names, scalars | st.lists(scalars, min_size=1, max_size=3), min_size=1, max_size=4),
    lambda inner: st.dictionaries(names, inner | scalars, min_size=1, max_size=3),
    max_leaves=8,
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            names | st.sampled_from(["prefix", "numeric", "anything-but", "exists", "cidr", "wildcard", "$or"]), inner
        )
    ),
    max_leaves=12,
)


def about(event: dict[str, Any]) -> dict[str, Any]:
    """The narrowest pattern of an event: everything is as it is."""
    return {
        name: about(value) if isinstance(value, dict) else value if isinstance(value, list) else [value]
        for name, value in event.items()
    }


@given(events)
def test_an_event_matches_what_it_is(event: dict[str, Any]) -> None:
    assert compiled(json.dumps(about(event)))(event)


@given(events, names, scalars)
def test_another_value_does_not_match(event: dict[str, Any], name: str, value: Any) -> None:
    changed = {**event, name: [value, "something else"]}
    assert not compiled(json.dumps({name: ["another"]}))(changed)
    assert compiled(json.dumps({name: [{"anything-but": "another"}]}))(changed)


@given(events, names)
def test_a_member_is_there_or_is_not(event: dict[str, Any], name: str) -> None:
    there, not_there = (compiled(json.dumps({name: [{"exists": held}]}))(event) for held in (True, False))
    assert there is not not_there


@given(events, events)
def test_either_of_two_patterns_is_what_one_of_them_is(event: dict[str, Any], other: dict[str, Any]) -> None:
    either = compiled(json.dumps({"$or": [about(event), about(other)]}))
    assert either(event)
    assert either(other)


@given(anything, events)
def test_whatever_is_given_is_a_pattern_or_is_refused(pattern: Any, event: dict[str, Any]) -> None:
    try:
        matches = compiled(json.dumps(pattern))
    except InvalidPattern:
        return
    assert matches(event) in (True, False)
