"""What an agent must not forget, in one SQLite file for each cluster it has joined."""

import json
import sqlite3
from pathlib import Path
from typing import Any

FORMAT = "1"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tasks (arn TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
"""


class StateError(Exception):
    """The file cannot be used as it is. The message says what to do."""


class State:
    """Facts and tasks. What `save` was given without urgency is written with the next urgent
    write, or by `flush`; a later write never overtakes an earlier one.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None)
        path.chmod(0o600)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.executescript(_SCHEMA)
        self._waiting: dict[str, dict[str, Any] | None] = {}
        if (found := self.fact("format")) is None:
            self.set_fact("format", FORMAT)
        elif int(found) > int(FORMAT):
            raise StateError(
                f"{path} was written by a later Podium (format {found}, this one knows {FORMAT}); upgrade."
            )

    @property
    def has_waiting(self) -> bool:
        return bool(self._waiting)

    def fact(self, name: str) -> str | None:
        row = self._database.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_fact(self, name: str, value: str) -> None:
        self._write(lambda: self._database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value)))

    def tasks(self) -> tuple[dict[str, Any], ...]:
        return tuple(json.loads(row[0]) for row in self._database.execute("SELECT record FROM tasks ORDER BY arn"))

    def save(self, arn: str, record: dict[str, Any] | None, *, urgent: bool) -> None:
        """Keep a task's record; None drops it. Urgent is on disk when this returns."""
        self._waiting[arn] = record
        if urgent:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            self._write(lambda: None)

    def close(self) -> None:
        self.flush()
        self._database.close()

    def _write(self, change: Any) -> None:
        waiting, self._waiting = self._waiting, {}
        self._database.execute("BEGIN IMMEDIATE")
        for arn, record in waiting.items():
            self._write_task(arn, record)
        change()
        self._database.execute("COMMIT")

    def _write_task(self, arn: str, record: dict[str, Any] | None) -> None:
        if record is None:
            self._database.execute("DELETE FROM tasks WHERE arn = ?", (arn,))
        else:
            self._database.execute("INSERT OR REPLACE INTO tasks VALUES (?, ?)", (arn, json.dumps(record)))
