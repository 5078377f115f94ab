"""What a commit that returned is worth when the process is killed, or the disk forgets what was not synced."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podium.ecs import records
from podium.ecs.records import Family
from podium.store.database import OutcomeUnknown, StoreError
from podium.store.session import Change
from podium.store.sqlite import SqliteDatabase

PROGRAM = Path(__file__).parent / "programs" / "committing.py"
GROUPS = 8


def opened(path: Path) -> SqliteDatabase:
    database = SqliteDatabase(path)
    database.prepare(records.ALL)
    return database


def pair(number: int) -> list[Change]:
    """A group of two records; both or none may be there."""
    made = [Family(arn=half, home="h" * 500 * number, name="f", last_revision=number) for half in ("a", "b")]
    return [Change(Family, record.arn, None, record) for record in made]


def newest_pair(path: Path) -> int:
    """The number of the group that is there. Raises AssertionError when it is half there."""
    database = opened(path)
    numbers = [record.last_revision for record in database.load(Family)]
    database.close()
    assert len(numbers) in (0, 2)
    assert len(set(numbers)) <= 1
    return numbers[0] if numbers else 0


def copied(path: Path, to: Path, wal_bytes: int | None = None) -> Path:
    """The files as a power cut would leave them, with the log cut off after so many bytes."""
    to.mkdir()
    shutil.copy(path, to / path.name)
    wal = path.with_name(path.name + "-wal")
    if wal.exists():
        (to / wal.name).write_bytes(wal.read_bytes()[:wal_bytes])
    return to / path.name


def test_at_the_moment_a_commit_returns_all_of_it_is_in_the_files(tmp_path: Path) -> None:
    path = tmp_path / "podium.db"
    database = opened(path)
    epoch = database.take_over()
    for number in range(1, GROUPS + 1):
        database.commit(pair(number), epoch)
        assert newest_pair(copied(path, tmp_path / str(number))) == number
    database.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[int]]]:
    """A database with everything still in its log, and how long the log was after each group."""
    path = tmp_path_factory.mktemp("written") / "podium.db"
    database = opened(path)
    epoch = database.take_over()
    wal = path.with_name(path.name + "-wal")
    lengths = [wal.stat().st_size]
    for number in range(1, GROUPS + 1):
        database.commit(pair(number), epoch)
        lengths.append(wal.stat().st_size)
    yield path, lengths
    database.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_log_cut_off_anywhere_opens_to_the_groups_before_the_cut(
    written: tuple[Path, list[int]], tmp_path: Path, data: st.DataObject
) -> None:
    path, lengths = written
    cut = data.draw(st.integers(lengths[0], lengths[-1]))
    there = tmp_path / f"cut-{cut}"
    if there.exists():
        shutil.rmtree(there)
    whole = sum(length <= cut for length in lengths) - 1
    assert newest_pair(copied(path, there, cut)) == whole


def test_a_process_killed_at_any_moment_loses_nothing_it_had_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "podium.db"
    acknowledged = 0
    for moment in (1, 7, 40):
        acknowledged = _killed_after(path, moment)
        database = opened(path)
        found = sorted(record.last_revision for record in database.load(Family))
        database.close()
        assert found[-1] in (acknowledged, acknowledged + 1), "one more may have been under way"
        expected = set(range(max(1, found[-1] - 49), found[-1] + 1))
        assert expected <= set(found)
        assert all(found.count(n) == 2 for n in expected)
        path.unlink()
        for rest in tmp_path.glob("podium.db-*"):
            rest.unlink()


def _killed_after(path: Path, groups: int) -> int:
    """Run the program, kill -9 it once it has acknowledged so many groups; the last number it told."""
    environment = {**os.environ, "PYTHONPATH": str(PROGRAM.parents[3] / "src")}
    program = subprocess.Popen([sys.executable, PROGRAM, path], stdout=subprocess.PIPE, text=True, env=environment)
    guard = threading.Timer(60, program.kill)
    guard.start()
    assert program.stdout is not None
    told = 0
    for line in program.stdout:
        told = int(line)
        if told >= groups:
            program.send_signal(signal.SIGKILL)  # lines already in the pipe were acknowledged too
    program.stdout.close()
    assert program.wait() == -signal.SIGKILL
    guard.cancel()
    return told


class Failing:
    """A connection whose next COMMIT fails, as SQLite's would."""

    def __init__(self, connection: sqlite3.Connection, code: int) -> None:
        self._connection, self._code = connection, code

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, statement: str, *given: Any) -> Any:
        if statement == "commit" and self._code:
            error = sqlite3.OperationalError("it fails")
            error.sqlite_errorcode, self._code = self._code, 0
            raise error
        return self._connection.execute(statement, *given)


def test_a_disk_found_full_by_the_commit_is_no_reason_to_step_down(tmp_path: Path) -> None:
    database = opened(tmp_path / "podium.db")
    epoch = database.take_over()
    database.commit(pair(1), epoch)
    database._db = Failing(database._db, sqlite3.SQLITE_FULL)  # type: ignore[assignment]
    with pytest.raises(StoreError, match="Nothing was saved") as caught:
        database.commit(pair(2), epoch)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert newest_pair(tmp_path / "podium.db") == 1
    database.commit(pair(3), epoch)
    assert newest_pair(tmp_path / "podium.db") == 3
    database.close()


def test_a_commit_that_the_disk_could_not_confirm_has_an_unknown_outcome(tmp_path: Path) -> None:
    database = opened(tmp_path / "podium.db")
    epoch = database.take_over()
    database._db = Failing(database._db, sqlite3.SQLITE_IOERR_FSYNC)  # type: ignore[assignment]
    with pytest.raises(OutcomeUnknown):
        database.commit(pair(1), epoch)
    database.close()
