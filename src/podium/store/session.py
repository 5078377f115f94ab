"""Transactions over records: what is committed, what is on its way, and what a transaction adds.

The store is a stack of layers. `base` holds what is durable. Above it lie the group being
written to disk and the group still open. A writing transaction sees all of them; a reading one
sees only the base, so that nobody is ever shown what a power cut could take back. Views follow the
writing transactions.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from sortedcontainers import SortedList

from podium.store.views import V, View, Views

R = TypeVar("R")
Layer = dict[type[Any], dict[str, Any]]  # kind -> key -> record, or None where it was deleted


class Change(msgspec.Struct, frozen=True):
    """One record, before and after. `after` is None when it was deleted."""

    kind: type[Any]
    key: str
    before: Any
    after: Any

    @property
    def record(self) -> Any:
        return self.before if self.after is None else self.after


@dataclass(slots=True)
class Group:
    """Transactions that become durable together, in order."""

    layer: Layer = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)


class Table:
    """The durable records of one kind, decoded, with their indexes."""

    def __init__(self, kind: type[Any]) -> None:
        self.rows: dict[str, Any] = {}
        self.indexes: dict[str, dict[Any, dict[str, Any]]] = {name: {} for name in kind.__indexes__}
        self.totals: dict[str, dict[Any, Any]] = {name: {} for name in kind.__totals__}
        self._nothing = {name: total() for name, total in kind.__totals__.items()}
        self.ordered: dict[str, dict[Any, SortedList]] = {name: {} for name in kind.__ordered__}  # keys, by value

    def put(self, key: str, record: Any) -> None:
        """A record that is there already keeps its place in the order of rows."""
        old = self.rows.get(key)
        self.rows[key] = record
        for name, index in self.indexes.items():
            value = getattr(record, name)
            if old is not None and getattr(old, name) != value:
                _take_out(index, getattr(old, name), key)
            index.setdefault(value, {})[key] = record
        for name, keys in self.ordered.items():
            value = getattr(record, name)
            if old is None or getattr(old, name) != value:
                if old is not None:
                    _leave(keys, getattr(old, name), key)
                keys.setdefault(value, SortedList()).add(key)
        for name, totals in self.totals.items():
            value = getattr(record, name)
            total = self.total(name, value)
            if old is not None and getattr(old, name) == value:
                total = total.minus(old)
            elif old is not None:
                self._subtract(name, old)
            totals[value] = total.plus(record)

    def drop(self, key: str) -> None:
        old = self.rows.pop(key, None)
        if old is None:
            return
        for name, index in self.indexes.items():
            _take_out(index, getattr(old, name), key)
        for name, keys in self.ordered.items():
            _leave(keys, getattr(old, name), key)
        for name in self.totals:
            self._subtract(name, old)

    def _subtract(self, name: str, old: Any) -> None:
        totals, value = self.totals[name], getattr(old, name)
        totals[value] = self.total(name, value).minus(old)
        if totals[value] == self._nothing[name]:
            del totals[value]

    def total(self, name: str, value: Any) -> Any:
        return self.totals[name].get(value, self._nothing[name])

    def candidates(self, where: dict[str, Any]) -> dict[str, Any]:
        """Rows that may match `where`: the smallest index entry that one of its fields has."""
        found = [self.indexes[name].get(value, {}) for name, value in where.items() if name in self.indexes]
        return found[0] if len(found) == 1 else min(found, key=len, default=self.rows)


def _take_out(index: dict[Any, dict[str, Any]], value: Any, key: str) -> None:
    del index[value][key]
    if not index[value]:
        del index[value]


def _leave(keys: dict[Any, SortedList], value: Any, key: str) -> None:
    keys[value].remove(key)
    if not keys[value]:
        del keys[value]


class Transaction:
    """A consistent view, and what is to be added to it. Values only; it does nothing by itself."""

    def __init__(
        self, tables: dict[type[Any], Table], below: tuple[Layer, ...], views: Views, *, writable: bool
    ) -> None:
        self._tables, self._below, self._views, self.writable = tables, below, views, writable
        self._own: Layer = {}
        self._newest_first = (self._own, *reversed(below))
        self.changes: list[Change] = []

    def get(self, kind: type[R], key: str) -> R | None:
        for layer in self._newest_first:
            rows = layer.get(kind)
            if rows is not None and key in rows:
                return rows[key]  # type: ignore[no-any-return]
        return self._tables[kind].rows.get(key)

    def list(self, kind: type[R], **where: Any) -> list[R]:
        """Every record of `kind` whose fields equal `where`, oldest key first seen first."""
        table = self._tables[kind]
        rows = table.candidates(where)
        layers = [layer[kind] for layer in (*self._below, self._own) if kind in layer]
        if layers:
            rows = dict(rows)
            for layer in layers:
                rows.update(layer)
        elif len(where) == 1 and where.keys() <= table.indexes.keys():
            return list(rows.values())
        found = [r for r in rows.values() if r is not None]
        for name, value in where.items():  # one after the other: looked at together they take three times as long
            found = [r for r in found if getattr(r, name) == value]
        return found

    def walk(self, kind: type[R], after: str = "", **where: Any) -> Iterator[R]:
        """Every record of `kind` whose fields equal `where`, in the order of their keys, those up to `after` left out.

        By one field that is `ordered`, and on what is durable alone, whoever stops early has paid for no more.
        """
        table = self._tables[kind]
        name, value = next(iter(where.items()))
        if len(where) > 1 or name not in table.ordered or any(kind in layer for layer in self._newest_first):
            found: list[Any] = [r for r in self.list(kind, **where) if r.arn > after]  # type: ignore[attr-defined]
            yield from sorted(found, key=lambda record: record.arn)
        elif (keys := table.ordered[name].get(value)) is not None:
            for key in keys.irange(after, inclusive=(False, True)):
                yield table.rows[key]

    def totals(self, kind: type[Any], name: str) -> Callable[[Any], Any]:
        """The total of the records of `kind` for each value of the field `name`."""
        table, changed = self._tables[kind], dict[Any, Any]()

        def so_far(value: Any) -> Any:
            return changed[value] if value in changed else table.total(name, value)

        for key, record in self._overlaid(kind).items():
            if (before := table.rows.get(key)) is not None:
                value = getattr(before, name)
                changed[value] = so_far(value).minus(before)
            if record is not None:
                value = getattr(record, name)
                changed[value] = so_far(value).plus(record)
        return so_far

    def view(self, kind: type[V]) -> V:
        """What is kept worked out from records, as of this moment; not to be used after the next `put`."""
        return self._views.show(kind, self)

    def _overlaid(self, kind: type[Any]) -> dict[str, Any]:
        """The last word on every record that is not as the base has it."""
        rows: dict[str, Any] = {}
        for layer in (*self._below, self._own):
            rows.update(layer.get(kind, {}))
        return rows

    def put(self, record: R) -> R:
        self._keep(type(record), record.arn, record)  # type: ignore[attr-defined]
        return record

    def append(self, record: Any) -> None:
        """Add to a cold kind: durable with the rest of the transaction, and not kept in memory."""
        assert self.writable, "a reading transaction was asked to write"
        self.changes.append(Change(type(record), record.arn, None, record))

    def delete(self, record: Any) -> None:
        self._keep(type(record), record.arn, None)

    def _keep(self, kind: type[Any], key: str, after: Any) -> None:
        assert self.writable, "a reading transaction was asked to write"
        before = self.get(kind, key)
        if before == after:
            return
        self._own.setdefault(kind, {})[key] = after
        self.changes.append(Change(kind, key, before, after))

    def written(self) -> Layer:
        return self._own


class Store:
    """Records in memory, in the order in which they become durable."""

    def __init__(self, kinds: Iterable[type[Any]], views: Iterable[type[View]] = ()) -> None:
        self._tables = {kind: Table(kind) for kind in kinds if not kind.__cold__}
        self._views = Views(views)
        self._open = Group()
        self._in_flight: Group | None = None

    def load(self, records: Iterable[Any]) -> None:
        """Fill the base with what the database already holds."""
        for record in records:
            self._tables[type(record)].put(record.arn, record)
            self._views.load(record)

    def kinds(self) -> Iterator[type[Any]]:
        return iter(self._tables)

    def count(self, kind: type[Any]) -> int:
        return len(self._tables[kind].rows)

    def reading(self) -> Transaction:
        return Transaction(self._tables, (), self._views, writable=False)

    def writing(self) -> Transaction:
        below = (self._in_flight.layer,) if self._in_flight else ()
        return Transaction(self._tables, (*below, self._open.layer), self._views, writable=True)

    def stage(self, tx: Transaction) -> None:
        """Add a finished transaction to the open group."""
        self._views.end(tx)
        for kind, rows in tx.written().items():
            self._open.layer.setdefault(kind, {}).update(rows)
        self._open.changes.extend(tx.changes)

    @property
    def unsettled(self) -> bool:
        """Whether a writing transaction would see anything that is not durable."""
        return bool(self._open.changes) or self._in_flight is not None

    @property
    def waiting(self) -> int:
        """Changes that are to be written, beside those that are being written."""
        return len(self._open.changes)

    def seal(self) -> Group | None:
        """Close the open group for writing to disk; None while another is being written."""
        if self._in_flight is not None or not self._open.changes:
            return None
        self._in_flight, self._open = self._open, Group()
        return self._in_flight

    def landed(self, group: Group) -> None:
        """The group is durable: everyone may see it."""
        assert group is self._in_flight, "groups land in order"
        for kind, rows in group.layer.items():
            table = self._tables[kind]
            for key, record in rows.items():
                if record is None:
                    table.drop(key)
                else:
                    table.put(key, record)
        self._in_flight = None

    def lost(self) -> None:
        """The group could not be written: it and all that was built on it never happened."""
        lost = [*(self._in_flight.changes if self._in_flight else ()), *self._open.changes]
        self._views.take_back(lost)
        self._in_flight, self._open = None, Group()
