"""PostgreSQL, for control planes that stand by for one another."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg

from podium.store import codec, sql
from podium.store.database import FORMAT, Deposed, NewerFormat, OutcomeUnknown, StoreError, last_word
from podium.store.session import Change


class PostgresDatabase:
    """`url` as libpq takes it, e.g. postgresql://podium@127.0.0.1:5432/podium."""

    def __init__(self, url: str) -> None:
        try:
            self._db = psycopg.connect(url, autocommit=True, connect_timeout=10, application_name="podium")
        except psycopg.Error as error:
            raise StoreError(f"The PostgreSQL server cannot be reached: {_in_one_line(error)}") from error
        self._db.execute("set statement_timeout = '10s'")

    def prepare(self, kinds: Iterable[type[Any]]) -> None:
        with self._db.transaction():
            self._db.execute("select pg_advisory_xact_lock(7163845)")  # two servers may prepare at once
            self._db.execute(sql.create_meta())
            self._refuse_newer("The database", self._meta("format") or 0, FORMAT)
            for kind in kinds:
                self._db.execute(sql.create_table(kind, "json"))  # not jsonb: it has no place for U+0000
                found = self._one(sql.newest_format(kind)) or 0
                self._refuse_newer(f"The table {kind.__table__}", found, kind.__format_number__)
            self._set_meta("format", FORMAT)

    def take_over(self, at_least: int = 0) -> int:
        with self._db.transaction():
            self._db.execute("select pg_advisory_xact_lock(7163845)")
            epoch = max(at_least, (self._meta("epoch", lock=True) or 0) + 1)
            self._set_meta("epoch", epoch)
        return epoch

    def load(self, kind: type[Any]) -> Iterator[Any]:
        for _, body in self._db.execute(sql.select(kind).replace("body from", "body::text from")):
            yield codec.decode(kind, body)

    def commit(self, changes: Sequence[Change], epoch: int) -> int:
        try:
            self._db.execute("begin")
            revision = self._write(changes, epoch)
        except Exception as error:  # a record that cannot be encoded is no reason to leave a transaction open
            if self._db.closed:  # and it is not opened again: whoever takes over finds what there is
                raise OutcomeUnknown(f"The database is gone: {_in_one_line(error)}") from error
            self._db.execute("rollback")
            if isinstance(error, StoreError):
                raise
            raise StoreError(f"Nothing was saved: {_in_one_line(error)}") from error
        try:
            self._db.execute("commit")
        except psycopg.Error as error:
            raise OutcomeUnknown(f"The last commit may or may not have happened: {_in_one_line(error)}") from error
        return revision

    def _write(self, changes: Sequence[Change], epoch: int) -> int:
        if self._meta("epoch", lock=True) != epoch:
            raise Deposed
        revision = (self._meta("revision") or 0) + 1
        self._set_meta("revision", revision)
        with self._db.cursor() as cursor:
            for kind, rows in last_word(changes).items():
                kept = [(k, revision, kind.__format_number__, codec.encode(r).decode()) for k, r in rows.items() if r]
                cursor.executemany(sql.upsert(kind, "%s"), kept)
                cursor.executemany(sql.delete(kind, "%s"), [(k,) for k, r in rows.items() if r is None])
        return revision

    def page(self, kind: type[Any], start: str, end: str, limit: int) -> list[Any]:
        rows = self._db.execute(sql.page(kind, "%s").replace("select body", "select body::text"), (start, end, limit))
        return [codec.decode(kind, body) for (body,) in rows]

    def forget(self, kind: type[Any], before: str) -> int:
        return self._db.execute(sql.forget(kind, "%s"), (before,)).rowcount

    def close(self) -> None:
        self._db.close()

    def _meta(self, name: str, lock: bool = False) -> int | None:
        """A number of the meta table; with `lock`, no other writer may pass until this transaction ends."""
        return self._one(f"select value from {sql.META} where name = '{name}'" + (" for update" if lock else ""))

    def _one(self, query: str) -> int | None:
        row = self._db.execute(query).fetchone()
        return row[0] if row else None

    def _set_meta(self, name: str, value: int) -> None:
        self._db.execute(
            f"insert into {sql.META} values (%s, %s) on conflict (name) do update set value = excluded.value",
            (name, value),
        )

    @staticmethod
    def _refuse_newer(what: str, found: int, known: int) -> None:
        if found > known:
            raise NewerFormat(what, found, known)


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())
