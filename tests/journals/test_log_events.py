"""The journal of log events: written by one thread, read by any, forgotten group by group and stream by stream."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from journals.keeping import PATIENCE
from podium.journals import eventfile
from podium.journals.errors import NewerFormat, NotWritten, Unusable
from podium.journals.eventfile import Batch, SqliteEvents
from podium.journals.events import Event, Place, Range, Span, Stream
from podium.journals.eventwriter import WrittenEvents

A, B, OTHER = Stream("web", "a"), Stream("web", "b"), Stream("api", "c")


@contextmanager
def written(path: Path) -> Iterator[WrittenEvents]:
    made = WrittenEvents(SqliteEvents(path))
    made.start()
    try:
        yield made
    finally:
        made.close()


def told(events: Iterator[Event]) -> list[str]:
    return [event.message for event in events]


def test_a_group_is_read_in_order_of_time_and_a_stream_by_itself(tmp_path: Path) -> None:
    with written(tmp_path / "logs.db") as events:
        assert events.append(A, [(1, "a1"), (3, "a3")], 9).result(PATIENCE) == 2
        assert events.append(B, [(2, "b2"), (3, "b3")], 9).result(PATIENCE) == 4
        events.append(OTHER, [(1, "c1")], 9).result(PATIENCE)
        assert told(events.read(Range("web"))) == ["a1", "b2", "a3", "b3"]
        assert told(events.read(Range("web"), newest_first=True)) == ["b3", "a3", "b2", "a1"]
        assert told(events.read(Range("web", streams={"a"}))) == ["a1", "a3"]
        assert told(events.read(Range("web", streams={"a", "b"}), newest_first=True)) == ["b3", "a3", "b2", "a1"]
        assert told(events.read(Range("web", Place(2, 0), Place(3, 4)))) == ["b2", "a3"]
        assert told(events.read(Range("ghost"))) == []
        [first, *_] = events.read(Range("web"))
        assert first == Event(Place(1, 1), 9, "a1", "a")


def test_more_than_one_look_takes_are_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eventfile, "ROWS_AT_ONCE", 3)
    with closing(SqliteEvents(":memory:")) as kept:
        kept.write([Batch(A, [(5, str(n).encode()) for n in range(10)], 9)])
        assert told(kept.read(Range("web"))) == [str(n) for n in range(10)]
        assert told(kept.read(Range("web"), newest_first=True)) == [str(n) for n in reversed(range(10))]


def test_of_many_streams_only_those_are_read_that_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eventfile, "MOST_MERGED", 1)
    with closing(SqliteEvents(":memory:")) as kept:
        kept.write([Batch(Stream("web", key), [(n, key.encode())], 9) for n, key in enumerate("abc")])
        assert told(kept.read(Range("web", streams={"a", "c"}))) == ["a", "c"]


def test_what_is_known_of_streams_follows_what_they_hold(tmp_path: Path) -> None:
    with written(tmp_path / "logs.db") as events:
        events.append(A, [(5, "a"), (7, "bc")], 8).result(PATIENCE)
        events.append(A, [(3, "d")], 9).result(PATIENCE)
        assert events.spans("web") == {"a": Span(3, 7, 9)}
        assert events.stored("web") == 3 * 26 + 4
        events.forget("web", 6).result(PATIENCE)
        assert events.spans("web", ["a", "b"]) == {"a": Span(7, 7, 9)}
        assert events.stored("web") == 26 + 2
        events.forget("web", 8).result(PATIENCE)
        assert events.spans("web") == {"a": Span(None, 7, 9)}
        events.append(A, [(10, "e")], 11).result(PATIENCE)
        assert events.spans("web") == {"a": Span(10, 10, 11)}


def test_what_is_forgotten_is_given_back_to_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "logs.db"
    with written(path) as events:
        for _ in range(20):
            events.append(A, [(n, "x" * 200) for n in range(1000)], 9).result(PATIENCE)
            events.append(B, [(n, "x" * 200) for n in range(50)], 9).result(PATIENCE)
    before = path.stat().st_size
    with written(path) as events:
        events.forget_streams(["a"]).result(PATIENCE)
        assert events.held() == [B]
        assert len(told(events.read(Range("web")))) == 1000
    assert path.stat().st_size < before / 4


def test_numbers_are_not_given_twice(tmp_path: Path) -> None:
    with written(tmp_path / "logs.db") as events:
        events.append(A, [(1, "a"), (2, "b")], 9).result(PATIENCE)
        events.forget_streams(["a"]).result(PATIENCE)
        assert events.held() == []
    with written(tmp_path / "logs.db") as events:
        assert events.append(A, [(1, "c")], 9).result(PATIENCE) == 3


def test_files_are_their_owners_alone(tmp_path: Path) -> None:
    with written(tmp_path / "logs.db") as events:
        events.append(A, [(1, "a")], 9).result(PATIENCE)
        assert {file.name: file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == dict.fromkeys(
            ["logs.db", "logs.db-wal", "logs.db-shm"], 0
        )


def test_what_cannot_be_kept_is_said_and_the_next_is_kept(tmp_path: Path) -> None:
    with written(tmp_path / "logs.db") as events:
        with pytest.raises(NotWritten, match="Log events were not saved"):
            events.append(A, [(2**70, "a")], 9).result(PATIENCE)
        assert events.append(A, [(1, "b")], 9).result(PATIENCE) == 1
        assert told(events.read(Range("web"))) == ["b"]


def test_who_stops_waiting_does_not_disturb_the_writer(tmp_path: Path) -> None:
    made = WrittenEvents(SqliteEvents(tmp_path / "logs.db"))
    made.append(A, [(1, "a")], 9).cancel()
    made.forget("web", 0).cancel()
    made.start()
    try:
        made.append(A, [(2, "b")], 9).result(PATIENCE)
        assert told(made.read(Range("web"))) == ["a", "b"]
    finally:
        made.close()


def test_a_torn_end_is_left_out_and_what_was_before_it_stays(tmp_path: Path) -> None:
    """As a lost power supply leaves it: the last commit is on the disk only in part."""
    path, torn = tmp_path / "logs.db", tmp_path / "torn" / "logs.db"
    torn.parent.mkdir()
    with written(path) as events:
        events.append(A, [(1, "kept")], 9).result(PATIENCE)
        whole = (tmp_path / "logs.db-wal").stat().st_size
        events.append(A, [(2, "torn" * 3000)], 9).result(PATIENCE)
        torn.write_bytes(path.read_bytes())
        ahead = bytearray((tmp_path / "logs.db-wal").read_bytes())
    ahead[whole + 2000] ^= 0xFF
    (torn.parent / "logs.db-wal").write_bytes(ahead)
    with written(torn) as events:
        assert told(events.read(Range("web"))) == ["kept"]
        assert events.append(A, [(3, "next")], 9).result(PATIENCE) == 2
        assert told(events.read(Range("web"))) == ["kept", "next"]


def test_a_newer_journal_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "logs.db"
    with closing(SqliteEvents(path)) as kept:
        kept.write([Batch(A, [(1, b"a")], 9)])
    with closing(sqlite3.connect(path)) as file:
        file.execute("update meta set value = 99 where name = 'format'")
        file.commit()
    with pytest.raises(NewerFormat, match="was written by a newer Podium"):
        SqliteEvents(path)


def test_a_file_that_is_no_database_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "logs.db").write_text("a diary " * 1000)
    with pytest.raises(Unusable, match="cannot be opened for log events"):
        SqliteEvents(tmp_path / "logs.db")
