"""Log events in a file of SQLite's, in the order in which they came, with an index by group and one by stream.

Whoever writes is one thread; whoever reads has a connection of their own, and sees what was committed. What was torn
by a lost power supply SQLite knows by its checksums, and leaves out. What is forgotten is given back to the disk.
"""

import os
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

from podium.journals import files
from podium.journals.errors import NewerFormat, NotWritten, Unusable
from podium.journals.events import OVERHEAD, Arrival, Event, Place, Range, Span, Stream

FORMAT = 1
ROWS_AT_ONCE = 1_000  # read while others wait
BYTES_AT_ONCE = 2**20
FORGOTTEN_AT_ONCE = 5_000
MOST_MERGED = 100  # streams that are each read by themselves; of more, the whole group is read
MOST_KNOWN = 50_000  # streams whose numbers the writer remembers
PAGES_BEFORE_CHECKPOINT = 4_000
_TABLES = """
create table if not exists groups (id integer primary key, key text not null unique);
create table if not exists streams (
    id integer primary key, grp integer not null, key text not null unique,
    first integer, last integer not null, ingested integer not null, size integer not null
);
create table if not exists events (
    number integer primary key, grp integer not null, stream integer not null,
    at integer not null, ingested integer not null, message blob not null
);
create index if not exists streams_by_group on streams (grp);
create index if not exists events_by_group on events (grp, at);
create index if not exists events_by_stream on events (stream, at);
"""
_APPEND = "insert into events values (?, ?, ?, ?, ?, ?)"
_GROW = """
update streams set first = min(coalesce(first, ?1), ?1), last = max(last, ?2), ingested = max(ingested, ?3),
size = size + ?4 where id = ?5
"""
_READ = """
select at, number, ingested, message, stream from events
where {column} = ? and (at, number) >= (?, ?) and (at, number) < (?, ?) order by at {order}, number {order} limit ?
"""
_ARRIVED = """
select at, number, ingested, message, stream, grp from events where number > ? and number <= ? order by number limit ?
"""
_SHRINK = """
update streams set size = size - ?, first = (select min(at) from events where stream = streams.id) where id = ?
"""
_FORGET = """
delete from events where number in (select number from events where {} order by at limit ?)
returning stream, length(message)
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one stream was told at once: moments in milliseconds, and messages in UTF-8."""

    stream: Stream
    lines: Sequence[tuple[int, bytes]]
    ingested: int


class SqliteEvents:
    """`path` may be ":memory:" for a journal that lives as long as the process."""

    def __init__(self, path: Path | str) -> None:
        self._at_read = Lock()
        self._known: dict[str, tuple[int, int]] = {}  # numbers of group and stream
        try:
            self._writing = _connected(path)
            self._reading = self._writing if path == ":memory:" else _connected(path)
            self._writing.executescript(files.META + _TABLES)
            found, self._last = files.meta(self._writing, "format", FORMAT), files.meta(self._writing, "last", 0)
        except (OSError, sqlite3.Error) as error:
            raise Unusable(f"{path} cannot be opened for log events: {error}.") from error
        if found > FORMAT:
            raise NewerFormat(path, found, FORMAT, "log events")

    def close(self) -> None:
        self._reading.close()
        self._writing.close()

    # The writer's own thread.

    def write(self, batches: Sequence[Batch]) -> Sequence[int]:
        """All of them, durable, and the last number of each; or NotWritten and none."""
        before = self._last
        try:
            self._writing.execute("begin immediate")
            lasts = [self._write(batch) for batch in batches]
            files.set_meta(self._writing, "format", FORMAT)
            files.set_meta(self._writing, "last", self._last)
            self._writing.execute("commit")
        except Exception as error:  # an event that cannot be kept is no reason to leave a transaction open
            self._undo()
            self._last = before
            raise NotWritten(f"Log events were not saved: {error}.") from error
        return lasts

    def forgetting(self, group: str, before: int) -> Iterator[None]:
        """The group's events that are older, some with each step. Raises NotWritten."""
        while self._forget(lambda: self._drop_of_group(group, before)):
            yield

    def forgetting_streams(self, streams: Iterable[str]) -> Iterator[None]:
        """These streams with all of their events, some with each step. Raises NotWritten."""
        left = list(streams)
        while left and self._forget(lambda: self._drop_streams(left)):
            yield

    # Any thread.

    def read(self, within: Range, *, newest_first: bool = False) -> Iterator[Event]:
        if within.streams is None or len(within.streams) > MOST_MERGED:
            found = self._read("grp", "groups", within.group, within, newest_first)
            return (event for event in found if within.streams is None or event.stream in within.streams)
        of_each = [
            self._read("stream", "streams", key, within, newest_first, len(within.streams)) for key in within.streams
        ]
        return merge(*of_each, key=lambda event: event.place, reverse=newest_first)

    def newest(self) -> int:
        with self._at_read:
            return int(self._reading.execute("select coalesce(max(number), 0) from events").fetchone()[0])

    def arrived(self, groups: Collection[str], after: int, until: int) -> Iterator[Arrival]:
        wanted = {key: number for key in groups if (number := self._number(key)) is not None}
        keys, names = {number: key for key, number in wanted.items()}, dict[int, str]()
        while keys and after < until:
            rows = self._slice(_ARRIVED, (after, until), BYTES_AT_ONCE)
            for at, number, ingested, message, stream, group in rows:
                after = number
                if group in keys:
                    names[stream] = names.get(stream) or self._name(stream)
                    event = Event(Place(at, number), ingested, message.decode(), names[stream])
                    yield Arrival(keys[group], event)
            if not rows:
                return

    def spans(self, group: str, streams: Collection[str] | None = None) -> Mapping[str, Span]:
        of_group = "select key, first, last, ingested from streams where grp = (select id from groups where key = ?)"
        of_one = "select key, first, last, ingested from streams where key = ?"
        with self._at_read:
            if streams is None:
                rows = self._reading.execute(of_group, (group,)).fetchall()
            else:
                rows = [row for key in streams for row in self._reading.execute(of_one, (key,))]
        return {key: Span(*known) for key, *known in rows}

    def stored(self, group: str) -> int:
        total = "select total(size) from streams where grp = (select id from groups where key = ?)"
        with self._at_read:
            return int(self._reading.execute(total, (group,)).fetchone()[0])

    def held(self) -> Sequence[Stream]:
        listed = "select groups.key, streams.key from streams join groups on groups.id = grp"
        with self._at_read:
            return [Stream(*row) for row in self._reading.execute(listed)]

    def _read(
        self, column: str, table: str, key: str, within: Range, newest_first: bool, others: int = 1
    ) -> Iterator[Event]:
        """`others` are read at the same time, and share the memory."""
        with self._at_read:
            row = self._reading.execute(f"select id from {table} where key = ?", (key,)).fetchone()
        statement = _READ.format(column=column, order="desc" if newest_first else "asc")
        start, end, names = within.start, within.end, dict[int, str]()
        while row is not None and start < end:
            rows = self._slice(statement, (row[0], *start, *end), BYTES_AT_ONCE // others)
            for at, number, ingested, message, stream in rows:
                if stream not in names:
                    names[stream] = self._name(stream)
                yield Event(Place(at, number), ingested, message.decode(), names[stream])
            if not rows:
                return
            last = Place(*rows[-1][:2])
            start, end = (start, last) if newest_first else (Place(last.at, last.number + 1), end)

    def _number(self, group: str) -> int | None:
        with self._at_read:
            row = self._reading.execute("select id from groups where key = ?", (group,)).fetchone()
        return row[0] if row else None

    def _name(self, stream: int) -> str:
        """Nothing when it was deleted meanwhile."""
        with self._at_read:
            row = self._reading.execute("select key from streams where id = ?", (stream,)).fetchone()
        return row[0] if row else ""

    def _slice(self, statement: str, values: Sequence[int], most: int) -> Sequence[tuple[Any, ...]]:
        """Rows of about as many bytes, and at least one if there is any."""
        rows, size = [], 0
        with self._at_read:
            for row in self._reading.execute(statement, (*values, ROWS_AT_ONCE)):
                rows.append(row)
                size += len(row[3])
                if size >= most:
                    break
        return rows

    def _write(self, batch: Batch) -> int:
        group, stream = self._numbers(batch)
        numbers = count(self._last + 1)
        rows = ((next(numbers), group, stream, at, batch.ingested, message) for at, message in batch.lines)
        self._writing.executemany(_APPEND, rows)
        self._last += len(batch.lines)
        moments = [at for at, _ in batch.lines]
        size = sum(len(message) + OVERHEAD for _, message in batch.lines)
        self._writing.execute(_GROW, (min(moments), max(moments), batch.ingested, size, stream))
        return self._last

    def _numbers(self, batch: Batch) -> tuple[int, int]:
        known = self._known.get(batch.stream.key)
        if known is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._writing.execute("insert or ignore into groups (key) values (?)", (batch.stream.group,))
            [group] = self._writing.execute("select id from groups where key = ?", (batch.stream.group,)).fetchone()
            fresh = (group, batch.stream.key, min(at for at, _ in batch.lines), 0, 0, 0)
            add = "insert or ignore into streams (grp, key, first, last, ingested, size) values (?, ?, ?, ?, ?, ?)"
            self._writing.execute(add, fresh)
            [found] = self._writing.execute("select id from streams where key = ?", (batch.stream.key,)).fetchone()
            known = self._known[batch.stream.key] = group, found
        return known

    def _forget(self, drop: Callable[[], int]) -> bool:
        """One step. Whether there may be more."""
        try:
            self._writing.execute("begin immediate")
            gone = drop()
            self._writing.execute("commit")
            self._writing.executescript("pragma incremental_vacuum(2000)")  # `execute` frees one page and stops
        except sqlite3.Error as error:
            self._undo()
            raise NotWritten(f"Old log events stay for now: {error}.") from error
        return gone >= FORGOTTEN_AT_ONCE

    def _drop_of_group(self, group: str, before: int) -> int:
        row = self._writing.execute("select id from groups where key = ?", (group,)).fetchone()
        return self._drop("grp = ? and at < ?", row[0], before) if row else 0

    def _drop_streams(self, left: list[str]) -> int:
        """Those that are done with are taken from `left`. How many events are gone."""
        gone = 0
        while left and gone < FORGOTTEN_AT_ONCE:
            row = self._writing.execute("select id from streams where key = ?", (left[-1],)).fetchone()
            dropped = self._drop("stream = ?", row[0]) if row else 0
            gone += dropped
            if dropped < FORGOTTEN_AT_ONCE:
                key = left.pop()
                self._known.pop(key, None)
                self._writing.execute("delete from streams where key = ?", (key,))
        self._writing.execute("delete from groups where not exists (select 1 from streams where grp = groups.id)")
        return gone

    def _drop(self, which: str, *values: int) -> int:
        """Some events, and what their streams are said to hold. How many are gone."""
        gone = self._writing.execute(_FORGET.format(which), (*values, FORGOTTEN_AT_ONCE)).fetchall()
        sizes: dict[int, int] = defaultdict(int)
        for stream, length in gone:
            sizes[stream] += length + OVERHEAD
        for stream, size in sizes.items():
            self._writing.execute(_SHRINK, (size, stream))
        return len(gone)

    def _undo(self) -> None:
        self._known.clear()  # some may have been new
        files.undo(self._writing)


def _connected(path: Path | str) -> sqlite3.Connection:
    """To a file that is its owner's alone; SQLite gives those beside it the same mode."""
    if path != ":memory:":
        os.close(os.open(path, os.O_CREAT, 0o600))
    made = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    made.execute("pragma auto_vacuum=incremental")
    made.execute("pragma journal_mode=wal")
    made.execute("pragma synchronous=full")
    made.execute(f"pragma wal_autocheckpoint={PAGES_BEFORE_CHECKPOINT}")
    return made
