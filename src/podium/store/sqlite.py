"""SQLite: one file, WAL, every commit on the disk before anyone hears of it."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from podium.store import codec, sql
from podium.store.database import FORMAT, Deposed, NewerFormat, OutcomeUnknown, StoreError, last_word
from podium.store.session import Change

T = TypeVar("T")
_PORTIONS = (64, 16, 4, 1)
"""Rows in a statement. Few sizes, so that statements are prepared once and kept."""
_STATEMENTS = 1024


def _portions(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Python lets go of its interpreter whenever a statement takes a step, and beside a busy thread it is milliseconds
    before it has it back. Row by row a commit would wait far longer than it works.
    """
    at = 0
    for size in _PORTIONS:
        while len(rows) - at >= size:
            yield rows[at : at + size]
            at += size


class SqliteDatabase:
    """`path` may be ":memory:" for a store that lives as long as the process."""

    def __init__(self, path: Path | str) -> None:
        try:
            self._db = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=10, cached_statements=_STATEMENTS
            )
            self._db.execute("pragma journal_mode=wal")
            self._db.execute("pragma synchronous=full")
        except sqlite3.Error as error:
            raise StoreError(f"{path} cannot be opened as a database: {error}.") from error

    def prepare(self, kinds: Iterable[type[Any]]) -> None:
        self._db.execute(sql.create_meta())
        self._refuse_newer("The data directory", self._meta("format") or 0, FORMAT)
        for kind in kinds:
            self._db.execute(sql.create_table(kind, "text"))
            found = self._db.execute(sql.newest_format(kind)).fetchone()[0]
            self._refuse_newer(f"The table {kind.__table__}", found, kind.__format_number__)
        self._set_meta("format", FORMAT)

    def take_over(self, at_least: int = 0) -> int:
        self._db.execute("begin immediate")
        epoch = max(at_least, (self._meta("epoch") or 0) + 1)
        self._set_meta("epoch", epoch)
        self._db.execute("commit")
        return epoch

    def load(self, kind: type[Any]) -> Iterator[Any]:
        for _, body in self._db.execute(sql.select(kind)):
            yield codec.decode(kind, body)

    def commit(self, changes: Sequence[Change], epoch: int) -> int:
        try:
            self._db.execute("begin immediate")
            revision = self._write(changes, epoch)
        except Exception as error:  # a record that cannot be encoded is no reason to leave a transaction open
            self._undo()
            if isinstance(error, StoreError):
                raise
            raise StoreError(f"Nothing was saved: {error}.") from error
        try:
            self._db.execute("commit")
        except sqlite3.Error as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                self._undo()
                raise StoreError(f"Nothing was saved: {error}.") from error
            raise OutcomeUnknown(f"The last commit may or may not be on the disk: {error}.") from error
        return revision

    def _undo(self) -> None:
        """Some failures, such as a full disk, have rolled back by themselves."""
        if self._db.in_transaction:
            self._db.execute("rollback")

    def _write(self, changes: Sequence[Change], epoch: int) -> int:
        if self._meta("epoch") != epoch:
            raise Deposed
        revision = (self._meta("revision") or 0) + 1
        self._set_meta("revision", revision)
        for kind, rows in last_word(changes).items():
            kept = [(k, revision, kind.__format_number__, codec.encode(r).decode()) for k, r in rows.items() if r]
            for some in _portions(kept):
                self._db.execute(sql.upsert(kind, "?", len(some)), tuple(chain.from_iterable(some)))
            for gone in _portions([k for k, r in rows.items() if r is None]):
                self._db.execute(sql.delete(kind, "?", len(gone)), tuple(gone))
        return revision

    def page(self, kind: type[Any], start: str, end: str, limit: int) -> list[Any]:
        rows = self._db.execute(sql.page(kind, "?"), (start, end, limit))
        return [codec.decode(kind, body) for (body,) in rows]

    def forget(self, kind: type[Any], before: str) -> int:
        return self._db.execute(sql.forget(kind, "?"), (before,)).rowcount

    def close(self) -> None:
        self._db.close()

    def _meta(self, name: str) -> int | None:
        row = self._db.execute(f"select value from {sql.META} where name = ?", (name,)).fetchone()
        return row[0] if row else None

    def _set_meta(self, name: str, value: int) -> None:
        self._db.execute(f"insert or replace into {sql.META} values (?, ?)", (name, value))

    @staticmethod
    def _refuse_newer(what: str, found: int, known: int) -> None:
        if found > known:
            raise NewerFormat(what, found, known)
