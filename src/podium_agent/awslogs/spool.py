"""Log requests that wait for the control plane, in one SQLite file, in the order in which they came.

When there is no room the oldest lines fall off. What is left in their place is a line that says how many they were,
so that whoever reads the stream knows of the gap. A kill of the agent loses nothing; a power cut may lose the last
moments.
"""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CREATE_GROUP, CREATE_STREAM, PUT = "CreateLogGroup", "CreateLogStream", "PutLogEvents"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS spool (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    operation TEXT NOT NULL,
    sender TEXT NOT NULL,
    stream TEXT NOT NULL,
    request TEXT NOT NULL,
    size INTEGER NOT NULL,
    lost INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS lost_of_stream ON spool (stream) WHERE lost > 0;
"""


class SpoolError(Exception):
    """The spool cannot be written. The sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Sender:
    """For whom a request is made: the task, the id of its execution role's credentials, its host's membership."""

    task_arn: str
    credentials_id: str
    cluster: str
    makes_groups: bool = False


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`request` is an operation's of CloudWatch Logs. `lost` counts the lines in whose place it stands."""

    number: int
    operation: str
    sender: Sender
    request: dict[str, Any]
    lost: int = 0


class Spool:
    """At most about `most_bytes` of requests. Raises SpoolError for a file that cannot be used."""

    def __init__(self, path: Path, most_bytes: int) -> None:
        self._path, self._most = path, most_bytes
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._database = sqlite3.connect(path, isolation_level=None)
            path.chmod(0o600)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.executescript(_SCHEMA)
            self._bytes = int(self._one("SELECT coalesce(sum(size), 0) FROM spool")[0])
        except sqlite3.Error as error:
            raise SpoolError(f"{path} cannot be used: {error}") from error
        self._in_hand = 0

    @property
    def bytes(self) -> int:
        return self._bytes

    def append(self, operation: str, sender: Sender, request: dict[str, Any]) -> int:
        """The entry's number, which only grows. Raises SpoolError."""
        text = json.dumps(request)
        row = (operation, json.dumps(vars(sender)), _stream(sender, request), text, len(text))
        try:
            self._database.execute("BEGIN IMMEDIATE")
            number = self._database.execute(
                "INSERT INTO spool (operation, sender, stream, request, size) VALUES (?, ?, ?, ?, ?)", row
            ).lastrowid
            grown = self._bytes + len(text)
            while grown > self._most and (freed := self._drop_one(number or 0)) is not None:
                grown -= freed
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise SpoolError(f"{self._path} cannot be written: {error}") from error
        finally:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
        self._bytes = grown
        return number or 0

    def oldest(self) -> Entry | None:
        """It stays as it is until it is done, or until the next call. Raises SpoolError."""
        try:
            row = self._database.execute(
                "SELECT number, operation, sender, request, lost FROM spool ORDER BY number LIMIT 1"
            ).fetchone()
        except sqlite3.Error as error:
            raise SpoolError(f"{self._path} cannot be read: {error}") from error
        if row is None:
            return None
        number, operation, sender, request, lost = row
        self._in_hand = number
        return Entry(
            number=number,
            operation=operation,
            sender=Sender(**json.loads(sender)),
            request=json.loads(request),
            lost=lost,
        )

    def done(self, entry: Entry) -> None:
        """The entry is not needed any more. Raises SpoolError."""
        try:
            gone = self._database.execute(
                "DELETE FROM spool WHERE number = ? RETURNING size", (entry.number,)
            ).fetchall()
        except sqlite3.Error as error:
            raise SpoolError(f"{self._path} cannot be written: {error}") from error
        self._bytes -= sum(size for (size,) in gone)

    def close(self) -> None:
        self._database.close()

    def _drop_one(self, newest: int) -> int | None:
        """Have the oldest request fall off, but for the newest and the one under way.

        How many bytes that freed; None when there are none left. Of a group or stream that was to be made nothing is
        said: it is made with its next lines.
        """
        row = self._database.execute(
            "SELECT number, operation, stream, request, size FROM spool "
            "WHERE lost = 0 AND number < ? AND number != ? ORDER BY number LIMIT 1",
            (newest, self._in_hand),
        ).fetchone()
        if row is None:
            return None
        number, operation, stream, text, size = row
        if operation != PUT:
            self._database.execute("DELETE FROM spool WHERE number = ?", (number,))
            return int(size)
        request = json.loads(text)
        before = self._database.execute(
            "SELECT number, lost, size FROM spool WHERE stream = ? AND lost > 0 AND number != ?",
            (stream, self._in_hand),
        ).fetchone()
        lost = len(request["logEvents"])
        if before is None:
            return int(size) - self._put_in_place(number, request, lost)
        self._database.execute("DELETE FROM spool WHERE number = ?", (number,))
        return int(size) + int(before[2]) - self._put_in_place(before[0], request, lost + int(before[1]))

    def _put_in_place(self, number: int, request: dict[str, Any], lost: int) -> int:
        """The size of what stands at `number` from now on."""
        last = request["logEvents"][-1]["timestamp"] if request["logEvents"] else 0
        said = f"[podium] {lost} lines are missing here: this host's log spool was full while Podium was away."
        text = json.dumps({**request, "logEvents": [{"timestamp": last, "message": said}]})
        self._database.execute(
            "UPDATE spool SET request = ?, size = ?, lost = ? WHERE number = ?", (text, len(text), lost, number)
        )
        return len(text)

    def _one(self, query: str) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self._database.execute(query).fetchone()
        return row


def _stream(sender: Sender, request: dict[str, Any]) -> str:
    return "\n".join((sender.cluster, request.get("logGroupName", ""), request.get("logStreamName", "")))
