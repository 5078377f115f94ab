"""`[ip, user, ..., status = 4*, bytes > 1000]`: conditions on messages of columns with blanks between them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podium.logs.patterns import comparing, logic
from podium.logs.patterns.matching import InvalidPattern
from podium.logs.patterns.tokens import Tokens

_CLOSED_BY = {"[": "]", '"': '"'}
_START, _WORD = re.compile(r"\S"), re.compile(r"\S+")
_NAME = re.compile(r"[\w$.-]+")
REST = "..."


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    test: Callable[[Any], bool] | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """`rest` is how many columns stand before the three dots; None without them."""

    columns: Sequence[Column]
    rest: int | None

    def matches(self, message: str) -> bool:
        values = self._values(message)
        return values is not None and all(
            column.test is None or column.test(value) for column, value in zip(self.columns, values, strict=True)
        )

    def extracted(self, message: str) -> Mapping[str, str]:
        values = self._values(message) or ()
        return {f"${column.name}": value for column, value in zip(self.columns, values, strict=False)}

    def _values(self, message: str) -> Sequence[str] | None:
        """Of each column one, or None where the message has another number of them."""
        found = list(_split(message))
        named, spare = len(self.columns), len(found) - len(self.columns)
        if self.rest is None:
            return found if len(found) == named else None
        return [*found[: self.rest], *found[self.rest + spare :]] if spare >= 0 else None


def parsed(text: str) -> Columns:
    """Raises Invalid."""
    if not text.endswith("]"):
        raise InvalidPattern("a bracket is not closed")
    tokens, columns, rest = Tokens(text[1:-1]), list[Column](), None
    while True:
        if tokens.takes(REST):
            if rest is not None:
                raise InvalidPattern("it has the three dots twice")
            rest = len(columns)
        else:
            columns.append(_column(tokens, len(columns) + 1))
        if not tokens.takes(","):
            break
    if tokens.next.kind != "end":
        raise InvalidPattern(f"'{tokens.next.text}' is too much")
    return Columns(columns, rest)


def _column(tokens: Tokens, number: int) -> Column:
    """A name, or conditions that all speak of the same name. A column without a name has its number."""
    names = list[str]()

    def condition(tokens: Tokens) -> Callable[[Any], bool]:
        kind, name = tokens.take()
        if kind != "word" or _NAME.fullmatch(name) is None:
            raise InvalidPattern(f"'{name}' is no name of a column")
        names.append(name)
        bare = len(names) == 1 and (tokens.next.kind == "end" or tokens.next.text == ",")
        return _anything if bare else comparing.comparison(tokens)

    if tokens.next.kind == "end" or tokens.next.text == ",":
        return Column(str(number))
    test = logic.expression(tokens, condition)
    if len(set(names)) > 1:
        raise InvalidPattern(f"a column has two names, '{names[0]}' and '{names[1]}'")
    return Column(names[0], None if test is _anything else test)


def _anything(value: Any) -> bool:
    return True


def _split(message: str) -> Iterator[str]:
    """What is in brackets or quotes is one column. What is never closed is looked for once."""
    at, unclosed = 0, set[str]()
    while (start := _START.search(message, at)) is not None:
        close = _CLOSED_BY.get(start.group(), "")
        end = message.find(close, start.end()) if close and close not in unclosed else -1
        if end >= 0:
            yield message[start.end() : end]
            at = end + 1
            continue
        if close:
            unclosed.add(close)
        word = _WORD.match(message, start.start())
        assert word is not None, "what is no blank begins a word"
        yield word.group()
        at = word.end()
