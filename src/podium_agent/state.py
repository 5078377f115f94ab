"""What an agent must not forget, in one SQLite file for each cluster it has joined."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FORMAT = "1"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tasks (arn TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
"""

_REPLACE = {
    "facts": "INSERT OR REPLACE INTO facts VALUES (?, ?)",
    "tasks": "INSERT OR REPLACE INTO tasks VALUES (?, ?)",
}
_DELETE = {"facts": "DELETE FROM facts WHERE name = ?", "tasks": "DELETE FROM tasks WHERE arn = ?"}


class StateError(Exception):
    """The file cannot be used as it is. The message says what to do."""


class StateUnwritten(Exception):
    """What was to be kept is not on disk. Whoever was to be told of it must not be."""


class State:
    """Facts and tasks. What is to be kept soon is written, all of it at once, by `flush`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._database = sqlite3.connect(path, isolation_level=None)
        path.chmod(0o600)
        with self._written():
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.executescript(_SCHEMA)
        self._waiting: dict[tuple[str, str], str | None] = {}
        if (found := self.fact("format")) is None:
            self.set_fact("format", FORMAT)
        elif int(found) > int(FORMAT):
            self._database.close()
            raise StateError(f"{path} was written by a later Podium: its format is {found}, this one knows {FORMAT}.")

    @property
    def has_waiting(self) -> bool:
        return bool(self._waiting)

    def fact(self, name: str) -> str | None:
        """What is on disk under `name`."""
        row = self._database.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_fact(self, name: str, value: str) -> None:
        """On disk when this returns."""
        self.set_fact_soon(name, value)
        self.flush()

    def set_fact_soon(self, name: str, value: str) -> None:
        self._waiting["facts", name] = value

    def tasks(self) -> tuple[dict[str, Any], ...]:
        return tuple(json.loads(row[0]) for row in self._database.execute("SELECT record FROM tasks ORDER BY arn"))

    def save_soon(self, arn: str, record: dict[str, Any] | None) -> None:
        """Keep a task's record; None drops it."""
        self._waiting["tasks", arn] = None if record is None else json.dumps(record)

    def flush(self) -> None:
        """All that was to be kept soon is on disk when this returns. Raises StateUnwritten, and then none of it is."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        with self._written():
            self._database.execute("BEGIN IMMEDIATE")
            for (table, key), value in waiting.items():
                self._write(table, key, value)
            self._database.execute("COMMIT")

    def close(self) -> None:
        """What was not flushed is lost."""
        self._database.close()

    @contextmanager
    def _written(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise StateUnwritten(
                f"{self._path} cannot be written: {error}. Containers run on; free some space, start the agent again."
            ) from error

    def _write(self, table: str, key: str, value: str | None) -> None:
        if value is None:
            self._database.execute(_DELETE[table], (key,))
        else:
            self._database.execute(_REPLACE[table], (key, value))
