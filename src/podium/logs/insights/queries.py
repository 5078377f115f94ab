"""A query as a whole: its commands in their order, and the columns that it shows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from podium.logs.errors import MalformedQuery
from podium.logs.insights import commands
from podium.logs.insights.aggregates import AGGREGATES, Aggregate, Percentile
from podium.logs.insights.commands import Command
from podium.logs.insights.expressions import Value, expression
from podium.logs.insights.rows import Row, text
from podium.logs.insights.tokens import Tokens, unquoted
from podium.logs.regexes import Regex

USUAL_COLUMNS = ("@timestamp", "@message")
MOST_ROWS = 10_000
MOST_COMMANDS = 50
POINTER = "@ptr"


@dataclass(slots=True)
class Query:
    """`columns` are shown in this order, where a row has them. `matched` counts the events that filters let pass."""

    commands: Sequence[Command]
    columns: Sequence[str]
    most: int
    matched: int = 0

    def run(self, rows: Iterable[Row]) -> Iterator[list[dict[str, str]]]:
        """Results as GetQueryResults shows them. Rows come newest first."""
        filters = [number for number, one in enumerate(self.commands, 1) if isinstance(one, commands.Filter)]
        last = filters[-1] if filters else 0
        for command in self.commands[:last]:
            rows = command(rows)
        rows = self._counted(rows)
        for command in self.commands[last:]:
            rows = command(rows)
        for row in commands.Limit(self.most)(rows):
            shown = ((name, text(row.get(name))) for name in self.columns)
            yield [{"field": name, "value": value} for name, value in shown if value is not None]

    def _counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self.matched += 1
            yield row


def parsed(text: str, most: int = MOST_ROWS) -> Query:
    """Raises MalformedQuery, and Invalid for a regular expression that is none."""
    tokens = Tokens(text)
    reader = _Reader(tokens)
    if tokens.next.kind == "end":
        raise MalformedQuery("the query is empty")
    found = [reader.command()]
    while tokens.next.kind != "end":
        tokens.expect("|")
        if len(found) == MOST_COMMANDS:
            raise tokens.wrong(f"a query has at most {MOST_COMMANDS} commands")
        found.append(reader.command())
    return Query(_with_limits(found), reader.columns, min(most, MOST_ROWS))


def _with_limits(found: Sequence[Command]) -> Sequence[Command]:
    """What is limited once it is sorted need not be sorted as a whole."""
    following = [*found[1:], None]
    return [
        replace(one, most=after.most) if isinstance(one, commands.Sort) and isinstance(after, commands.Limit) else one
        for one, after in zip(found, following, strict=True)
    ]


class _Reader:
    """Commands as they are read, and the columns that come of them."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.named, self.parsed, self.displayed = list[str](), list[str](), list[str]()
        self.counted = False
        self.parts: Mapping[str, Callable[[], Command]] = {
            "fields": self._fields,
            "display": self._display,
            "filter": self._filter,
            "parse": self._parse,
            "stats": self._stats,
            "sort": self._sort,
            "dedup": self._dedup,
            "limit": self._limit,
            "head": self._limit,
        }

    def command(self) -> Command:
        word = self.tokens.takes(*self.parts)
        if not word:
            raise self.tokens.wrong(f"unexpected symbol found {self.tokens.next.text}")
        return self.parts[word]()

    @property
    def columns(self) -> Sequence[str]:
        if self.counted:
            return list(dict.fromkeys(self.displayed or [*self.named, *self.parsed]))
        shown = self.displayed or [*(self.named or USUAL_COLUMNS), *self.parsed]
        return list(dict.fromkeys([*shown, POINTER]))

    def _fields(self) -> Command:
        named = self._named()
        self.named += [name for name, _ in named]
        return commands.Fields(named)

    def _display(self) -> Command:
        named = self._named()
        self.displayed = [name for name, _ in named]
        return commands.Fields(named)

    def _filter(self) -> Command:
        return commands.Filter(expression(self.tokens))

    def _dedup(self) -> Command:
        return commands.Dedup(self._named())

    def _limit(self) -> Command:
        kind, written = self.tokens.take()
        if kind != "number" or not written.isdecimal() or not 0 < int(written[:9]) <= MOST_ROWS:
            raise self.tokens.wrong(f"a limit is a number from 1 to {MOST_ROWS}")
        return commands.Limit(int(written))

    def _sort(self) -> Command:
        by = [self._direction()]
        while self.tokens.takes(","):
            by.append(self._direction())
        return commands.Sort(by, MOST_ROWS)

    def _direction(self) -> tuple[Value, bool]:
        return expression(self.tokens), self.tokens.takes("asc", "desc") != "asc"

    def _parse(self) -> Command:
        field = self.tokens.name() if self.tokens.next.kind == "name" else "@message"
        pattern = self.tokens.regex()
        if pattern is not None:
            regex = Regex(pattern)
            self.parsed += regex.names
            return commands.Parse(field, regex.groups)
        if self.tokens.next.kind != "text":
            raise self.tokens.wrong("a text with asterisks or a regular expression was expected")
        pattern = unquoted(self.tokens.take().text)
        self.tokens.expect("as")
        names = [self.tokens.name()]
        while self.tokens.takes(","):
            names.append(self.tokens.name())
        if pattern.count("*") != len(names):
            raise self.tokens.wrong("there must be as many names as there are asterisks")
        self.parsed += names
        return commands.Parse(field, commands.globbed(pattern, names))

    def _stats(self) -> Command:
        made = [self._aggregate()]
        while self.tokens.takes(","):
            made.append(self._aggregate())
        by = self._named() if self.tokens.takes("by") else []
        self.counted, self.parsed, self.displayed = True, [], []
        self.named = [*(name for name, _ in by), *(name for name, _, _ in made)]
        return commands.Stats(made, by)

    def _aggregate(self) -> tuple[str, Value, Callable[[], Aggregate]]:
        began = self.tokens.at
        name = self.tokens.name().lower()
        if name != "pct" and name not in AGGREGATES:
            raise self.tokens.wrong(f"{name} does not count, add or compare rows")
        self.tokens.expect("(")
        counts_all = name == "count" and (self.tokens.takes("*") or self.tokens.next.text == ")")
        value: Value = _everything if counts_all else expression(self.tokens)
        made: Callable[[], Aggregate] = partial(Percentile, self._percent()) if name == "pct" else AGGREGATES[name]
        self.tokens.expect(")")
        return self._alias(began), value, made

    def _percent(self) -> float:
        self.tokens.expect(",")
        kind, written = self.tokens.take()
        if kind != "number" or float(written) > 100:
            raise self.tokens.wrong("a percentile is a number from 0 to 100")
        return float(written)

    def _named(self) -> list[tuple[str, Value]]:
        """Expressions, with names of their own or without."""
        found = list[tuple[str, Value]]()
        while not found or self.tokens.takes(","):
            began = self.tokens.at
            value = expression(self.tokens)
            found.append((self._alias(began), value))
        return found

    def _alias(self, began: int) -> str:
        """The name that is given, or what is written."""
        written = self.tokens.written(began)
        return self.tokens.name() if self.tokens.takes("as") else written.strip("`")


def _everything(row: Row) -> Any:
    return row
