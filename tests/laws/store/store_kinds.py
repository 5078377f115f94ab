"""Two kinds of record for the store's laws, and the two databases they are kept in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from podium.store.database import Database
from podium.store.records import part, record
from podium.store.session import Change

Open = Callable[[], Database]


@part
class Piece:
    name: str
    number: int = 0


@dataclass(frozen=True)
class Tally:
    """Of the things that say something."""

    count: int = 0
    letters: int = 0

    def plus(self, thing: "Thing") -> "Tally":
        return Tally(self.count + bool(thing.text), self.letters + len(thing.text))

    def minus(self, thing: "Thing") -> "Tally":
        return Tally(self.count - bool(thing.text), self.letters - len(thing.text))


@record(table="law_things", indexes=("group",), totals={"group": Tally}, ordered=("group",))
class Thing:
    arn: str
    group: str = ""
    text: str = ""
    pieces: tuple[Piece, ...] = ()


@record(table="law_others")
class Other:
    arn: str
    value: Any = None


KINDS = (Thing, Other)


def change(record: Any) -> Change:
    return Change(type(record), record.arn, None, record)


def deletion(kind: type[Any], key: str) -> Change:
    return Change(kind, key, kind(arn=key), None)


def ready(open_database: Open) -> tuple[Database, int]:
    """A connection that may write, and its epoch."""
    database = open_database()
    database.prepare(KINDS)
    return database, database.take_over()


def contents(database: Database, kinds: Iterable[type[Any]] = KINDS) -> dict[str, Any]:
    return {record.arn: record for kind in kinds for record in database.load(kind)}
