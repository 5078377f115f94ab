"""However stages move, there is a current version, and the previous one is that which was current before it."""

from hypothesis import given
from hypothesis import strategies as st

from podium.secretsmanager import staging
from podium.secretsmanager.errors import InvalidParameter

versions = st.sampled_from(["v1", "v2", "v3", "v4"])
stages = st.sampled_from(["AWSCURRENT", "AWSPREVIOUS", "AWSPENDING", "mine"])
puts = st.tuples(st.just("put"), versions, st.lists(stages, max_size=3))
moves = st.tuples(st.just("move"), stages, versions | st.none(), versions | st.none())


@given(puts, st.lists(puts | moves, max_size=12))
def test_there_is_always_a_current_version_and_the_one_before_it(first: tuple, then: list[tuple]) -> None:
    held = staging.put({}, first[1], first[2])
    for step in then:
        before = held
        try:
            held = _after(held, step)
        except InvalidParameter:
            continue
        current = held["AWSCURRENT"]
        told = step[1] == "AWSPREVIOUS" if step[0] == "move" else "AWSPREVIOUS" in step[2]
        if current != before["AWSCURRENT"] and not told:
            assert held["AWSPREVIOUS"] == before["AWSCURRENT"]
        assert sorted(stage for version in set(held.values()) for stage in staging.of(held, version)) == sorted(held)


def _after(held: dict[str, str], step: tuple) -> dict[str, str]:
    return staging.put(held, *step[1:]) if step[0] == "put" else staging.moved(held, *step[1:])


@given(versions, stages, versions | st.none(), versions | st.none())
def test_a_stage_leaves_a_version_only_when_that_version_is_named(
    on: str, stage: str, out_of: str | None, onto: str | None
) -> None:
    held = staging.put({"AWSCURRENT": "v0"}, on, (stage,))
    try:
        after = staging.moved(held, stage, out_of, onto)
    except InvalidParameter:
        return
    assert out_of == on or after == held
