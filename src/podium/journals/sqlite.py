"""Metrics in a file of SQLite's. Of one metric all samples lie together, in order, so that a look at one is short.

Whoever writes is one thread; whoever reads has a connection of their own, and sees what was committed.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from threading import Lock

from podium.journals import files
from podium.journals.errors import NewerFormat, NotWritten, Unusable
from podium.journals.metrics import Dimensions, Metric, Sample, Wanted
from podium.journals.summaries import packed, unpacked

FORMAT = 1
AT_ONCE = 5_000  # rows read while others wait
MOST_KNOWN = 50_000  # metrics whose numbers the writer remembers
_TABLES = """
create table if not exists metrics (
    id integer primary key, home text not null, namespace text not null, name text not null, dimensions text not null,
    unique (home, namespace, name, dimensions)
);
create table if not exists samples (
    metric integer not null, at integer not null, batch integer not null, unit text not null,
    count real not null, total real not null, least real not null, most real not null, vals blob,
    primary key (metric, at, batch, unit)
) without rowid;
"""
_FIND = "select id from metrics where home = ? and namespace = ? and name = ? and dimensions = ?"
_ADD = "insert into metrics (home, namespace, name, dimensions) values (?, ?, ?, ?)"
_APPEND = "insert into samples values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_READ = """
select at, batch, unit, count, total, least, most, vals from samples
where metric = ? and at < ? and (at, batch, unit) > (?, ?, ?) order by at, batch, unit limit ?
"""
_LIST = """
select home, namespace, name, dimensions from metrics
where home = ? and ({}namespace, name, dimensions) > (?, ?, ?) {}
and exists (select 1 from samples where metric = id and at >= ?)
order by namespace, name, dimensions limit ?
"""
_FORGET = "delete from samples where metric in (select id from metrics where id > ? and id <= ?) and at < ?"
_EMPTY = "delete from metrics where id between ? and ? and not exists (select 1 from samples where metric = id)"


class SqliteMetrics:
    """`path` may be ":memory:" for a journal that lives as long as the process."""

    def __init__(self, path: Path | str) -> None:
        self._at_read = Lock()
        self._known: dict[Metric, int] = {}
        try:
            self._writing = _connected(path)
            self._reading = self._writing if path == ":memory:" else _connected(path)
            self._writing.executescript(files.META + _TABLES)
            found, self._batch = files.meta(self._writing, "format", FORMAT), files.meta(self._writing, "batch", 0)
        except sqlite3.Error as error:
            raise Unusable(f"{path} cannot be opened for metrics: {error}.") from error
        if found > FORMAT:
            raise NewerFormat(path, found, FORMAT, "metrics")

    def close(self) -> None:
        self._reading.close()
        self._writing.close()

    # The writer's own thread.

    def write(self, samples: Iterable[Sample]) -> None:
        """All of them, durable, or NotWritten and none."""
        self._batch += 1
        try:
            self._writing.execute("begin immediate")
            files.set_meta(self._writing, "format", FORMAT)
            files.set_meta(self._writing, "batch", self._batch)
            self._writing.executemany(_APPEND, [self._row(sample) for sample in together(samples)])
            self._writing.execute("commit")
        except Exception as error:  # a sample that cannot be kept is no reason to leave a transaction open
            self._undo()
            raise NotWritten(f"Metrics were not saved: {error}.") from error

    def forget_some(self, before: int, after: int, metrics: int) -> int | None:
        """Forgets what is older than `before`, of so many metrics whose numbers follow `after`. Their last number.

        None when there are no such metrics. One whose samples are all gone goes with them. Raises NotWritten.
        """
        try:
            found = "select max(id) from (select id from metrics where id > ? order by id limit ?)"
            [last] = self._writing.execute(found, (after, metrics)).fetchone()
            if last is None:
                return None
            self._writing.execute("begin immediate")
            self._writing.execute(_FORGET, (after, last, before))
            self._writing.execute(_EMPTY, (after + 1, last))
            self._writing.execute("commit")
        except sqlite3.Error as error:
            self._undo()
            raise NotWritten(f"Old metrics stay for now: {error}.") from error
        self._known.clear()
        return int(last)

    # Any thread.

    def read(self, metric: Metric, start: int, end: int) -> Iterator[Sample]:
        with self._at_read:
            row = self._reading.execute(_FIND, _key(metric)).fetchone()
        number, place = row[0] if row else None, (start, -1, "")
        while number is not None:
            with self._at_read:
                rows = self._reading.execute(_READ, (number, end, *place, AT_ONCE)).fetchall()
            for at, _, unit, *numbers in rows:
                yield Sample(metric, at, unit, unpacked(*numbers))
            if len(rows) < AT_ONCE:
                return
            place = rows[-1][:3]

    def list(self, wanted: Wanted, after: Metric | None, limit: int) -> Sequence[Metric]:
        return list(islice((metric for metric in self._listed(wanted, after) if _has(metric, wanted)), limit))

    def _listed(self, wanted: Wanted, after: Metric | None) -> Iterator[Metric]:
        """Whatever their dimensions."""
        narrowed = [(part, value) for part, value in (("namespace", wanted.namespace), ("name", wanted.name)) if value]
        # the plus leaves the index to what narrows
        statement = _LIST.format("+" if wanted.namespace else "", " ".join(f"and {part} = ?" for part, _ in narrowed))
        asked = (*(value for _, value in narrowed), wanted.active_since, AT_ONCE)
        place, rows = _key(after)[1:] if after is not None else ("", "", ""), list[tuple[str, str, str, str]]()
        while not rows or len(rows) == AT_ONCE:
            with self._at_read:
                rows = self._reading.execute(statement, (wanted.home, *place, *asked)).fetchall()
            if not rows:
                return
            yield from (Metric(home, space, name, _dimensions(text)) for home, space, name, text in rows)
            place = rows[-1][1:]

    def _row(self, sample: Sample) -> tuple[object, ...]:
        it = sample.summary
        numbers = (it.count, it.total, it.least, it.most, packed(it))
        return (self._number(sample.metric), sample.at, self._batch, sample.unit, *numbers)

    def _number(self, metric: Metric) -> int:
        known = self._known.get(metric)
        if known is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            row = self._writing.execute(_FIND, _key(metric)).fetchone()
            known = int(row[0]) if row else self._writing.execute(_ADD, _key(metric)).lastrowid or 0
            self._known[metric] = known
        return known

    def _undo(self) -> None:
        self._known.clear()  # some may have been new
        files.undo(self._writing)


def together(samples: Iterable[Sample]) -> Iterable[Sample]:
    """Those of one metric, moment and unit as one."""
    found: dict[tuple[Metric, int, str], Sample] = {}
    for sample in samples:
        key = (sample.metric, sample.at, sample.unit)
        before = found.get(key)
        found[key] = sample if before is None else Sample(*key, before.summary + sample.summary)
    return found.values()


def _connected(path: Path | str) -> sqlite3.Connection:
    made = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    made.execute("pragma journal_mode=wal")
    made.execute("pragma synchronous=full")
    return made


def _key(metric: Metric) -> tuple[str, str, str, str]:
    return metric.home, metric.namespace, metric.name, json.dumps(metric.dimensions)


def _dimensions(text: str) -> Dimensions:
    return tuple((name, value) for name, value in json.loads(text))


def _has(metric: Metric, wanted: Wanted) -> bool:
    held = dict(metric.dimensions)
    return all(name in held and value in (None, held[name]) for name, value in wanted.dimensions)
