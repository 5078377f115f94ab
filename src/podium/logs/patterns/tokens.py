"""The words of patterns in braces and brackets, one after the other."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from podium.logs.patterns.matching import InvalidPattern

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<selector>\$(?:\.?\[(?:[0-9]+|\*|'[^']*'|"[^"]*")\]|\.[\w-]+)+)
      | (?P<text>"(?:\\.|[^"\\])*")
      | (?P<regex>%[^%]*%)
      | (?P<mark>&&|\|\||!=|<=|>=|[=<>(),])
      | (?P<word>[^\s"%&|=<>(),!$][^\s"%&|=<>(),!]*)
    )""",
    re.VERBOSE | re.DOTALL,
)
_END = ("end", "")


class Token(NamedTuple):
    kind: str
    text: str


class Tokens:
    """What is left to read. Raises InvalidPattern for what is no word."""

    def __init__(self, text: str) -> None:
        self._found, self._at = _split(text), 0

    @property
    def next(self) -> Token:
        return self._found[self._at]

    def take(self) -> Token:
        """The end is never passed."""
        token = self.next
        self._at += token.kind != "end"
        return token

    def takes(self, text: str) -> bool:
        """Whether this mark or word comes next; then it is taken."""
        found = self.next.kind in ("mark", "word") and self.next.text == text
        if found:
            self.take()
        return found

    def expect(self, text: str) -> None:
        if not self.takes(text):
            raise InvalidPattern(f"'{text}' was expected before '{self.next.text}'")


def _split(text: str) -> Sequence[Token]:
    found, at, end = list[Token](), 0, len(text.rstrip())
    while at < end:
        token = _TOKEN.match(text, at)
        if token is None:
            raise InvalidPattern(f"'{text[at:].strip()[:20]}' cannot be read")
        kind = token.lastgroup or ""
        found.append(Token(kind, token.group(kind)))
        at = token.end()
    return [*found, Token(*_END)]
