"""The bytes of S3's objects, in a file of SQLite's. What is answered is durable.

An object is a row that names its contents, and contents are pieces of bytes: what a multipart upload brought in parts
is not copied to become an object. Keys compare as their UTF-8 bytes do, as S3's lists want it.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path
from threading import RLock
from typing import Any

import msgspec

from podium.journals import files
from podium.journals.errors import NewerFormat, NotWritten, Unusable

_LAST = "\U0010ffff"  # sorts behind every key that begins with the same prefix
_PIECE = 1 << 20
FORMAT = 1
_TABLES = """
create table if not exists objects (
    id integer primary key, bucket text not null, key text not null, size integer not null, etag text not null,
    modified real not null, headers text not null, unique (bucket, key)
);
create table if not exists uploads (
    id text primary key, bucket text not null, key text not null, started real not null, headers text not null
) without rowid;
create table if not exists parts (
    upload text not null, number integer not null, content integer not null, size integer not null, etag text not null,
    modified real not null, primary key (upload, number)
) without rowid;
create table if not exists contents (id integer primary key, size integer not null);
create table if not exists pieces (
    content integer not null, number integer not null, bytes blob not null, primary key (content, number)
) without rowid;
create table if not exists made_of (
    object integer not null, place integer not null, content integer not null, primary key (object, place)
) without rowid;
"""


@dataclass(frozen=True, kw_only=True)
class Object:
    """`etag` is without its quotes; `modified` in seconds since the epoch; `headers` what the writer said of it."""

    bucket: str
    key: str
    size: int
    etag: str
    modified: float
    headers: dict[str, Any] = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True, kw_only=True)
class Part:
    number: int
    size: int
    etag: str
    modified: float
    content: int = 0


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A multipart upload that has neither been completed nor aborted."""

    id: str
    bucket: str
    key: str
    started: float
    headers: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A page: objects and common prefixes, each in order; `last` is where the next page begins, None for no more."""

    objects: Sequence[Object]
    prefixes: Sequence[str]
    last: str | None


class Objects:
    """Any thread may call; each call is a transaction of its own. Writing raises NotWritten.

    `path` may be ":memory:".
    """

    def __init__(self, path: Path | str) -> None:
        self._turn = RLock()
        try:
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            if path != ":memory:":
                Path(path).chmod(0o600)
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = full")
            self._database.executescript(files.META + _TABLES)
            if (found := files.meta(self._database, "format", FORMAT)) > FORMAT:
                self._database.close()
                raise NewerFormat(path, found, FORMAT, "S3's objects")
            files.set_meta(self._database, "format", FORMAT)
        except sqlite3.Error as error:
            raise Unusable(f"{path} cannot be opened for objects: {error}.") from error

    def close(self) -> None:
        with self._turn:
            self._database.close()

    def put(self, bucket: str, key: str, data: bytes, modified: float, headers: dict[str, Any]) -> Object:
        with self._writing() as writing:
            content = writing.content(data)
            etag = md5(data, usedforsecurity=False).hexdigest()
            return writing.object(bucket, key, len(data), etag, modified, headers, [content])

    def copy(self, source: Object, bucket: str, key: str, modified: float, headers: dict[str, Any]) -> Object:
        data = self.read(source, 0, source.size)
        with self._writing() as writing:
            return writing.object(bucket, key, source.size, source.etag, modified, headers, [writing.content(data)])

    def find(self, bucket: str, key: str) -> Object | None:
        row = self._row("select * from objects where bucket = ? and key = ?", bucket, key)
        return None if row is None else _object(row)

    def read(self, found: Object, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`; none of an object that is gone by now."""
        parts, at = [], 0
        for _, piece, size in self._pieces(found.id):
            if at < end and at + size > start:
                row = self._row("select bytes from pieces where content = ? and number = ?", *piece)
                data = b"" if row is None else row[0]
                parts.append(data[max(0, start - at) : end - at])
            at += size
        return b"".join(parts)

    def delete(self, bucket: str, key: str) -> None:
        with self._writing() as writing:
            writing.forget(bucket, key)

    def is_empty(self, bucket: str) -> bool:
        return self._row("select 1 from objects where bucket = ? limit 1", bucket) is None

    def page(self, bucket: str, prefix: str, delimiter: str, after: str, limit: int) -> Listed:
        """At most `limit` keys and common prefixes together, of those behind `after`."""
        objects: list[Object] = []
        prefixes: list[str] = []
        last = told = after
        while row := self._next(bucket, prefix, last):
            if len(objects) + len(prefixes) == limit:
                return Listed(objects=objects, prefixes=prefixes, last=told)
            found = _object(row)
            rest = found.key[len(prefix) :]
            if delimiter and delimiter in rest:
                common = prefix + rest[: rest.index(delimiter) + len(delimiter)]
                if common != after:
                    prefixes.append(common)
                    told = common
                last = common + _LAST
            else:
                objects.append(found)
                last = told = found.key
        return Listed(objects=objects, prefixes=prefixes, last=None)

    def begin(self, upload: Upload) -> None:
        with self._writing() as writing:
            writing.run(
                "insert into uploads values (?, ?, ?, ?, ?)",
                *(upload.id, upload.bucket, upload.key, upload.started, _text(upload.headers)),
            )

    def upload(self, bucket: str, key: str, identity: str) -> Upload | None:
        row = self._row("select * from uploads where id = ? and bucket = ? and key = ?", identity, bucket, key)
        return None if row is None else _upload(row)

    def uploads(self, bucket: str) -> Sequence[Upload]:
        rows = self._rows("select * from uploads where bucket = ? order by key, started", bucket)
        return [_upload(row) for row in rows]

    def put_part(self, upload: Upload, number: int, data: bytes, modified: float) -> Part:
        with self._writing() as writing:
            writing.forget_parts(upload.id, number)
            part = Part(
                number=number,
                size=len(data),
                etag=md5(data, usedforsecurity=False).hexdigest(),
                modified=modified,
                content=writing.content(data),
            )
            writing.run(
                "insert into parts values (?, ?, ?, ?, ?, ?)",
                *(upload.id, number, part.content, part.size, part.etag, part.modified),
            )
            return part

    def parts(self, upload: Upload) -> Sequence[Part]:
        query = "select number, size, etag, modified, content from parts where upload = ? order by number"
        rows = self._rows(query, upload.id)
        return [
            Part(number=number, size=size, etag=etag, modified=modified, content=content)
            for number, size, etag, modified, content in rows
        ]

    def complete(self, upload: Upload, parts: Sequence[Part], modified: float) -> Object:
        """The object that these parts make, in this order. The upload's other parts are gone with it."""
        digest = md5(b"".join(bytes.fromhex(part.etag) for part in parts), usedforsecurity=False).hexdigest()
        kept = [part.content for part in parts]
        with self._writing() as writing:
            for part in parts:
                writing.run("delete from parts where upload = ? and number = ?", upload.id, part.number)
            writing.forget_parts(upload.id)
            writing.run("delete from uploads where id = ?", upload.id)
            size, etag = sum(part.size for part in parts), f"{digest}-{len(parts)}"
            return writing.object(upload.bucket, upload.key, size, etag, modified, upload.headers, kept)

    def abort(self, upload: Upload) -> None:
        with self._writing() as writing:
            writing.forget_parts(upload.id)
            writing.run("delete from uploads where id = ?", upload.id)

    def forget_all(self) -> None:
        """Of every bucket."""
        with self._writing() as writing:
            for table in ("objects", "uploads", "parts", "contents", "pieces", "made_of"):
                writing.run(f"delete from {table}")

    def _next(self, bucket: str, prefix: str, after: str) -> tuple[Any, ...] | None:
        if not prefix:
            return self._row("select * from objects where bucket = ? and key > ? order by key limit 1", bucket, after)
        return self._row(
            "select * from objects where bucket = ? and key > ? and key >= ? and key < ? order by key limit 1",
            *(bucket, after, prefix, prefix + _LAST),
        )

    def _pieces(self, identity: int) -> Iterator[tuple[int, tuple[int, int], int]]:
        rows = self._rows(
            "select place, pieces.content, number, length(bytes) from made_of join pieces using (content) "
            "where object = ? order by place, number",
            identity,
        )
        return ((place, (content, number), size) for place, content, number, size in rows)

    def _row(self, query: str, *values: Any) -> tuple[Any, ...] | None:
        with self._turn:
            row: tuple[Any, ...] | None = self._database.execute(query, values).fetchone()
            return row

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._turn:
            return self._database.execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> "Iterator[_Writing]":
        """One transaction: committed at its end, undone by an exception. Raises NotWritten."""
        with self._turn:
            writing = _Writing(self._database)
            try:
                writing.run("begin immediate")
                yield writing
                writing.run("commit")
            finally:
                files.undo(self._database)


class _Writing:
    """What is done within a transaction."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def run(self, query: str, *values: Any) -> sqlite3.Cursor:
        try:
            return self._database.execute(query, values)
        except sqlite3.Error as error:
            raise NotWritten(f"Objects were not saved: {error}.") from error

    def content(self, data: bytes) -> int:
        identity = self.run("insert into contents (size) values (?)", len(data)).lastrowid or 0
        for number, start in enumerate(range(0, len(data), _PIECE)):
            self.run("insert into pieces values (?, ?, ?)", identity, number, data[start : start + _PIECE])
        return identity

    def object(
        self, bucket: str, key: str, size: int, etag: str, modified: float, headers: dict[str, Any], made_of: list[int]
    ) -> Object:
        self.forget(bucket, key)
        identity = self.run(
            "insert into objects (bucket, key, size, etag, modified, headers) values (?, ?, ?, ?, ?, ?)",
            *(bucket, key, size, etag, modified, _text(headers)),
        ).lastrowid
        for place, content in enumerate(made_of):
            self.run("insert into made_of values (?, ?, ?)", identity, place, content)
        return Object(
            bucket=bucket, key=key, size=size, etag=etag, modified=modified, headers=headers, id=identity or 0
        )

    def forget(self, bucket: str, key: str) -> None:
        found = self.run("select id from objects where bucket = ? and key = ?", bucket, key).fetchone()
        if found is None:
            return
        made_of = self.run("select content from made_of where object = ?", found[0]).fetchall()
        self.run("delete from made_of where object = ?", found[0])
        self.run("delete from objects where id = ?", found[0])
        self._forget_contents([content for (content,) in made_of])

    def forget_parts(self, upload: str, number: int | None = None) -> None:
        """Of an upload all parts, or the one of that number."""
        which = "upload = ?" if number is None else "upload = ? and number = ?"
        values = (upload,) if number is None else (upload, number)
        contents = self.run(f"select content from parts where {which}", *values).fetchall()
        self.run(f"delete from parts where {which}", *values)
        self._forget_contents([content for (content,) in contents])

    def _forget_contents(self, contents: Sequence[int]) -> None:
        for content in contents:
            self.run("delete from pieces where content = ?", content)
            self.run("delete from contents where id = ?", content)


def _object(row: tuple[Any, ...]) -> Object:
    identity, bucket, key, size, etag, modified, headers = row
    return Object(
        id=identity, bucket=bucket, key=key, size=size, etag=etag, modified=modified, headers=_members(headers)
    )


def _upload(row: tuple[Any, ...]) -> Upload:
    identity, bucket, key, started, headers = row
    return Upload(id=identity, bucket=bucket, key=key, started=started, headers=_members(headers))


def _text(headers: dict[str, Any]) -> str:
    return msgspec.json.encode(headers).decode()


def _members(text: str) -> dict[str, Any]:
    return dict(msgspec.json.decode(text))
