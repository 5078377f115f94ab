"""The journal of metrics: written by one thread, read by any, forgotten when old."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from journals.keeping import HOME, LOAD, LONG, PATIENCE, sample, written
from podium.journals import sqlite, summaries
from podium.journals.errors import NewerFormat, NotWritten, Unusable
from podium.journals.metrics import Metric, Sample, Wanted
from podium.journals.sqlite import AT_ONCE, SqliteMetrics
from podium.journals.writer import METRICS_AT_ONCE, WrittenMetrics

OTHER = Metric(HOME, "Demo", "Load", (("Host", "b"), ("Zone", "z")))
FAN = Metric(HOME, "Fans", "Speed")
ABROAD = Metric("aws:eu-west-1:123456789012", "Demo", "Load")


def test_what_is_appended_is_read_in_order_of_time(tmp_path: Path) -> None:
    with written(tmp_path / "metrics.db") as metrics:
        metrics.append([sample(120, 3.0), sample(60, 1.0), sample(60, 9.0, metric=OTHER)]).result(PATIENCE)
        assert list(metrics.read(LOAD, 0, LONG)) == [sample(60, 1.0), sample(120, 3.0)]
        assert list(metrics.read(LOAD, 60, 120)) == [sample(60, 1.0)]
        assert list(metrics.read(FAN, 0, LONG)) == []


def test_it_is_there_after_the_journal_was_closed(tmp_path: Path) -> None:
    path = tmp_path / "metrics.db"
    with written(path) as metrics:
        metrics.append([sample(60, 1.0)]).result(PATIENCE)
    with written(path) as metrics:
        metrics.append([sample(60, 2.0)]).result(PATIENCE)
        assert list(metrics.read(LOAD, 0, LONG)) == [sample(60, 1.0), sample(60, 2.0)]


def test_what_was_handed_in_is_written_before_the_journal_closes(tmp_path: Path) -> None:
    with written(tmp_path / "metrics.db") as metrics:
        waiting = [metrics.append([sample(60 * n, 1.0)]) for n in range(50)]
    assert all(one.done() and one.exception() is None for one in waiting)


def test_values_of_one_minute_that_share_a_commit_take_one_row() -> None:
    with closing(SqliteMetrics(":memory:")) as kept:
        kept.write([sample(60, float(n % 3)) for n in range(30)])
        [only] = kept.read(LOAD, 0, LONG)
        assert only.summary.values == {0.0: 10.0, 1.0: 10.0, 2.0: 10.0}


def test_statistics_without_values_stay_so() -> None:
    told = Sample(LOAD, 60, "Count", summaries.of_statistics(4.0, 10.0, 1.0, 5.0))
    with closing(SqliteMetrics(":memory:")) as kept:
        kept.write([told])
        assert list(kept.read(LOAD, 0, LONG)) == [told]


def test_more_than_one_look_takes_are_read_all_the_same() -> None:
    with closing(SqliteMetrics(":memory:")) as kept:
        kept.write([sample(60 * n, 1.0) for n in range(2 * AT_ONCE)])
        assert [one.at for one in kept.read(LOAD, 0, LONG)] == [60 * n for n in range(2 * AT_ONCE)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(HOME), [LOAD, OTHER, FAN]),
        (Wanted(ABROAD.home), [ABROAD]),
        (Wanted(HOME, namespace="Demo"), [LOAD, OTHER]),
        (Wanted(HOME, name="Speed"), [FAN]),
        (Wanted(HOME, dimensions=(("Zone", None),)), [OTHER]),
        (Wanted(HOME, dimensions=(("Host", "a"),)), [LOAD]),
        (Wanted(HOME, active_since=120), [FAN]),
    ],
)
def test_metrics_are_listed_by_what_they_are(wanted: Wanted, found: list[Metric]) -> None:
    with closing(SqliteMetrics(":memory:")) as kept:
        kept.write([sample(60, 1.0, metric=metric) for metric in (FAN, OTHER, ABROAD, LOAD)])
        kept.write([sample(120, 1.0, metric=FAN)])
        assert kept.list(wanted, None, 10) == found


def test_a_list_that_takes_several_looks_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "AT_ONCE", 2)
    many = [Metric(HOME, "Demo", f"m{n}", (("Host", "ab"[n % 2]),)) for n in range(9)]
    with closing(SqliteMetrics(":memory:")) as kept:
        kept.write([sample(60, 1.0, metric=metric) for metric in many])
        assert kept.list(Wanted(HOME), None, 100) == many
        assert kept.list(Wanted(HOME, namespace="Demo", dimensions=(("Host", "b"),)), many[1], 100) == many[3::2]


def test_a_list_goes_on_after_the_last_one_seen() -> None:
    with closing(SqliteMetrics(":memory:")) as kept:
        kept.write([sample(60, 1.0, metric=metric) for metric in (FAN, OTHER, LOAD)])
        assert kept.list(Wanted(HOME), None, 2) == [LOAD, OTHER]
        assert kept.list(Wanted(HOME), OTHER, 2) == [FAN]


def test_what_is_old_is_forgotten_and_metrics_that_have_nothing_else(tmp_path: Path) -> None:
    many = [Metric(HOME, "Many", f"m{n:04}") for n in range(METRICS_AT_ONCE + 50)]
    with written(tmp_path / "metrics.db") as metrics:
        metrics.append([sample(60, 1.0), sample(120, 2.0)]).result(PATIENCE)
        metrics.append([sample(60, 1.0, metric=metric) for metric in many]).result(PATIENCE)
        metrics.forget(120).result(PATIENCE)
        assert metrics.list(Wanted(HOME), None, 1000) == [LOAD]
        assert list(metrics.read(LOAD, 0, LONG)) == [sample(120, 2.0)]
        metrics.append([sample(180, 3.0, metric=many[0])]).result(PATIENCE)
        assert list(metrics.read(many[0], 0, LONG)) == [sample(180, 3.0, metric=many[0])]


def test_what_cannot_be_kept_is_said_and_the_next_is_kept(tmp_path: Path) -> None:
    with written(tmp_path / "metrics.db") as metrics:
        with pytest.raises(NotWritten, match="Metrics were not saved"):
            metrics.append([sample(2**70, 1.0)]).result(PATIENCE)
        metrics.append([sample(60, 1.0)]).result(PATIENCE)
        assert list(metrics.read(LOAD, 0, LONG)) == [sample(60, 1.0)]


def test_who_stops_waiting_does_not_disturb_the_writer(tmp_path: Path) -> None:
    made = WrittenMetrics(SqliteMetrics(tmp_path / "metrics.db"))
    made.append([sample(60, 1.0)]).cancel()
    made.forget(0).cancel()
    made.start()
    try:
        made.append([sample(120, 2.0)]).result(PATIENCE)
        assert list(made.read(LOAD, 0, LONG)) == [sample(60, 1.0), sample(120, 2.0)]
    finally:
        made.close()


def test_a_newer_journal_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "metrics.db"
    with closing(SqliteMetrics(path)) as kept:
        kept.write([sample(60, 1.0)])
    with closing(sqlite3.connect(path)) as file:
        file.execute("update meta set value = 99 where name = 'format'")
        file.commit()
    with pytest.raises(NewerFormat, match="was written by a newer Podium"):
        SqliteMetrics(path)


def test_a_file_that_is_no_database_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "metrics.db").write_text("a diary " * 1000)
    with pytest.raises(Unusable, match="cannot be opened for metrics"):
        SqliteMetrics(tmp_path / "metrics.db")
