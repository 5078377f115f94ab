"""Reading gives what was appended: however it was put together, in whatever order, and over kills."""

from collections.abc import Sequence
from contextlib import closing
from math import isclose
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journals.keeping import HOME, LOAD, LONG, sample
from journals.killing import killed_after
from podium.journals import summaries
from podium.journals.metrics import Metric, Sample, Wanted
from podium.journals.sqlite import SqliteMetrics
from podium.journals.summaries import Summary

numbers = st.floats(allow_nan=False, allow_infinity=False, min_value=-(2.0**360), max_value=2.0**360)
counts = st.integers(1, 1000).map(float)
of_values = st.lists(st.tuples(numbers, counts), min_size=1, max_size=5).map(summaries.of_values)
of_statistics = st.builds(
    lambda n, ends: summaries.of_statistics(n, n * min(ends), min(ends), max(ends)), counts, st.tuples(numbers, numbers)
)
metrics = st.builds(
    Metric,
    st.sampled_from([HOME, "aws:eu-west-1:123456789012"]),
    st.sampled_from(["A", "B"]),
    st.sampled_from(["x", "y"]),
    st.sampled_from([(), (("D", "1"),), (("D", "1"), ("E", '["2"]'))]),
)
samples = st.builds(
    Sample,
    metrics,
    st.integers(0, 5).map(lambda n: n * 60),
    st.sampled_from(["None", "Count"]),
    of_values | of_statistics,
)
lines_ = st.tuples(st.integers(0, 3).map(lambda n: n * 60), st.just([1.0]))
batches = st.lists(st.lists(samples, max_size=6), max_size=5)


def alike(one: Summary, other: Summary) -> bool:
    """Sums may differ by how they were added up."""
    exact = (one.count, one.least, one.most, one.values) == (other.count, other.least, other.most, other.values)
    return exact and isclose(
        one.total, other.total, rel_tol=1e-9, abs_tol=one.count * 1e-9 * max(map(abs, (one.least, one.most)))
    )


def added(found: Sequence[Sample]) -> dict[tuple[Metric, int, str], Summary]:
    sums: dict[tuple[Metric, int, str], Summary] = {}
    for one in found:
        key = (one.metric, one.at, one.unit)
        sums[key] = sums[key] + one.summary if key in sums else one.summary
    return sums


@given(batches)
def test_reading_gives_what_was_appended(appended: list[list[Sample]]) -> None:
    expected = added([one for batch in appended for one in batch])
    with closing(SqliteMetrics(":memory:")) as kept:
        for batch in appended:
            kept.write(batch)
        listed = [m for home in (HOME, "aws:eu-west-1:123456789012") for m in kept.list(Wanted(home), None, 100)]
        assert sorted(listed, key=repr) == sorted({metric for metric, _, _ in expected}, key=repr)
        found = added([one for metric in listed for one in kept.read(metric, 0, LONG)])
    assert found.keys() == expected.keys()
    assert all(alike(found[key], expected[key]) for key in expected)


@given(batches, st.integers(0, 400), st.integers(1, 4))
def test_forgetting_takes_what_is_older_and_nothing_else(appended: list[list[Sample]], before: int, step: int) -> None:
    with closing(SqliteMetrics(":memory:")) as kept:
        for batch in appended:
            kept.write(batch)
        last: int | None = 0
        while last is not None:
            last = kept.forget_some(before, last, step)
        left = [one for batch in appended for one in batch if one.at >= before]
        listed = [m for home in (HOME, "aws:eu-west-1:123456789012") for m in kept.list(Wanted(home), None, 100)]
        assert set(listed) == {one.metric for one in left}
        times = {(metric, one.at) for metric in listed for one in kept.read(metric, 0, LONG)}
        assert times == {(one.metric, one.at) for one in left}


@given(st.lists(of_values | of_statistics, min_size=1, max_size=6), st.randoms())
def test_the_order_in_which_summaries_are_added_is_all_one(given_: list[Summary], chance: object) -> None:
    shuffled = list(given_)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = given_[0], shuffled[0]
    for left, right in zip(given_[1:], shuffled[1:], strict=True):
        one, other = one + left, other + right
    assert (one.count, one.least, one.most, one.values) == (other.count, other.least, other.most, other.values)


@given(of_values | of_statistics)
def test_a_summary_survives_being_packed(summary: Summary) -> None:
    numbers = (summary.count, summary.total, summary.least, summary.most)
    assert alike(summaries.unpacked(*numbers, summaries.packed(summary)), summary)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 3).map(lambda n: n * 60), st.just([1.0])), min_size=1), min_size=1, max_size=9
    ),
    st.integers(0, 9),
)
def test_a_kill_loses_nothing_that_was_acknowledged(lines: list[list[tuple[int, list[float]]]], wait_for: int) -> None:
    """What is there after it is what was handed in first, up to some batch that is not before the last acknowledged."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "metrics.db"
        acknowledged = killed_after("journals.appending", path, lines, min(wait_for, len(lines)))
        with closing(SqliteMetrics(path)) as kept:
            found = added(list(kept.read(LOAD, 0, LONG)))
    prefixes = [
        added([sample(at, *values) for line in lines[:n] for at, values in line])
        for n in range(acknowledged, len(lines) + 1)
    ]
    assert found in prefixes
