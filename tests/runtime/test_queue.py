"""The queue against a model: each key at most once, soonest first, equals in order of arrival."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from podium.runtime.controller import Queue

BEGINNING = datetime(2026, 3, 1, tzinfo=UTC)
seconds = st.integers(0, 5)
names = st.tuples(st.sampled_from(["x", "y"]), st.sampled_from(["a", "b", "c"]))
adding = st.tuples(names, seconds)
taking = st.tuples(st.none(), seconds)


def at(second: int) -> datetime:
    return BEGINNING + timedelta(seconds=second)


@settings(max_examples=200, deadline=None)
@given(st.lists(adding | taking, max_size=30))
def test_it_hands_out_what_is_due_as_the_model_does(steps: list[tuple[tuple[str, str] | None, int]]) -> None:
    queue = Queue()
    model: dict[tuple[str, str], tuple[int, int]] = {}  # key -> due, arrival
    for arrival, (name, second) in enumerate(steps):
        if name is not None:
            queue.add(*name, at(second))
            if name not in model or second < model[name][0]:
                model[name] = (second, arrival)
        else:
            due = [key for key in model if model[key][0] <= second]
            expected = min(due, key=lambda key: model[key], default=None)
            assert queue.take(at(second)) == expected
            if expected is not None:
                del model[expected]
        assert len(queue) == len(model)
        assert queue.next_due() == (at(min(model.values())[0]) if model else None)


def test_a_key_asked_for_sooner_comes_sooner_and_once() -> None:
    queue = Queue()
    queue.add("x", "a", at(9))
    queue.add("x", "a", at(1))
    queue.add("x", "a", at(5))
    assert queue.take(at(0)) is None
    assert queue.take(at(1)) == ("x", "a")
    assert queue.take(at(9)) is None
    assert len(queue) == 0
