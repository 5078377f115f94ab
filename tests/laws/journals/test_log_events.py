"""Log events are read as they were appended: from any place, either way, after forgetting, and over kills."""

from collections.abc import Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journals.killing import killed_after
from podium.journals.eventfile import Batch, SqliteEvents
from podium.journals.events import Event, Place, Range, Stream

GROUPS = {"a": "web", "b": "web", "c": "api"}
streams = st.sampled_from([Stream(group, key) for key, group in GROUPS.items()])
lines_ = st.lists(st.tuples(st.integers(0, 5), st.text(max_size=3).map(str.encode)), min_size=1, max_size=4)
batches = st.lists(st.builds(Batch, streams, lines_, st.integers(0, 9)), max_size=6)
places = st.builds(Place, st.integers(0, 6), st.integers(0, 12))


def model(batches: Sequence[Batch]) -> list[Event]:
    numbers = count(1)
    found = [
        Event(Place(at, next(numbers)), batch.ingested, message.decode(), batch.stream.key)
        for batch in batches
        for at, message in batch.lines
    ]
    return sorted(found, key=lambda event: event.place)


@given(batches, places, places, st.booleans(), st.none() | st.sets(st.sampled_from(["a", "b"])))
def test_any_range_is_read_as_a_sorted_list_would_be(
    told: list[Batch], start: Place, end: Place, newest_first: bool, wanted: set[str] | None
) -> None:
    expected = [
        event
        for event in model(told)
        if GROUPS[event.stream] == "web" and start <= event.place < end and (wanted is None or event.stream in wanted)
    ]
    with closing(SqliteEvents(":memory:")) as kept:
        kept.write(told)
        found = list(kept.read(Range("web", start, end, wanted), newest_first=newest_first))
    assert found == (expected[::-1] if newest_first else expected)


@given(batches, st.integers(0, 7), st.sets(st.sampled_from(["a", "b", "c"])))
def test_forgetting_takes_what_is_older_or_gone_and_nothing_else(
    told: list[Batch], before: int, gone: set[str]
) -> None:
    with closing(SqliteEvents(":memory:")) as kept:
        kept.write(told)
        for forgetting in (kept.forgetting("web", before), kept.forgetting_streams(gone)):
            assert list(forgetting) == []
        left = [
            event
            for event in model(told)
            if event.stream not in gone and (GROUPS[event.stream] == "api" or event.place.at >= before)
        ]
        found = [event for group in ("web", "api") for event in kept.read(Range(group))]
        assert sorted(found, key=lambda event: event.place) == left
        assert kept.stored("web") + kept.stored("api") == sum(event.size for event in left)
        firsts = {key: span.first for group in ("web", "api") for key, span in kept.spans(group).items()}
        assert firsts == {
            batch.stream.key: min((e.place.at for e in left if e.stream == batch.stream.key), default=None)
            for batch in told
            if batch.stream.key not in gone
        }


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(["x", "y"]), st.lists(st.tuples(st.integers(0, 3), st.just("line")), min_size=1)),
        min_size=1,
        max_size=9,
    ),
    st.integers(0, 9),
)
def test_a_kill_loses_nothing_that_was_acknowledged(told: list[tuple[str, list[tuple[int, str]]]], wait: int) -> None:
    """What is there after it is what was handed in first, up to some batch that is not before the last acknowledged."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "logs.db"
        acknowledged = killed_after("journals.telling", path, told, min(wait, len(told)))
        with closing(SqliteEvents(path)) as kept:
            found = [(event.place.number, event.stream, event.place.at) for event in kept.read(Range("group"))]
    whole = [(stream, at) for stream, lines in told for at, _ in lines]
    ends = {sum(len(lines) for _, lines in told[:n]) for n in range(acknowledged, len(told) + 1)}
    assert len(found) in ends
    assert sorted(found) == [(n, *one) for n, one in enumerate(whole[: len(found)], 1)]
