"""The words of a query. What a slash means depends on what is expected: so they are read one by one."""

import re
from typing import NamedTuple

from podium.logs.errors import MalformedQuery

MOST_OPERATORS = 300
_BLANK = re.compile(r"(?:\s|#[^\n]*)*+")
_TOKEN = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<name>`[^`]+`|[@A-Za-z_][\w@]*(?:\.[\w@]+)*)
      | (?P<span>[0-9]+(?:ms|s|m|h|d|w|mo|q|y)\b)
      | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?)
      | (?P<mark>!=|<=|>=|=~|[=<>()\[\],|*+/%^-])
    """,
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/((?:\\.|[^/\\\n])*)/")


class Token(NamedTuple):
    kind: str
    text: str


END = Token("end", "")


class Tokens:
    def __init__(self, text: str) -> None:
        self._text, self._at, self._operators = text, 0, 0
        self._skip()

    @property
    def next(self) -> Token:
        """Raises MalformedQuery for what is no word."""
        return self._read()[0]

    @property
    def at(self) -> int:
        return self._at

    def written(self, since: int) -> str:
        """What stands in the query from there up to here."""
        return self._text[since : self._at].strip()

    def take(self) -> Token:
        token, self._at = self._read()
        self._skip()
        return token

    def takes(self, *words: str) -> str:
        """The word of these that comes next, in whatever case; then it is taken. Nothing otherwise."""
        kind, text = self.next
        found = text.lower() if kind in ("name", "mark") and text.lower() in words else ""
        if found:
            self.take()
        return found

    def expect(self, word: str) -> None:
        if not self.takes(word):
            raise self.wrong(f"'{word}' was expected")

    def name(self) -> str:
        kind, text = self.next
        if kind != "name":
            raise self.wrong("the name of a field was expected")
        self.take()
        return text.strip("`")

    def regex(self) -> str | None:
        """What stands between slashes, if a slash is next."""
        found = _REGEX.match(self._text, self._at)
        if found is None:
            return None
        self._at = found.end()
        self._skip()
        return found.group(1).replace(r"\/", "/")

    def operator(self) -> None:
        """One more, each of which may be within the one before. Raises MalformedQuery when there are too many."""
        self._operators += 1
        if self._operators > MOST_OPERATORS:
            raise self.wrong(f"a query has at most {MOST_OPERATORS} operators")

    def wrong(self, because: str) -> MalformedQuery:
        return MalformedQuery(because, self._at, min(len(self._text), self._at + max(1, len(self._read_or_end().text))))

    def _skip(self) -> None:
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at

    def _read_or_end(self) -> Token:
        found = _TOKEN.match(self._text, self._at)
        return Token(found.lastgroup or "", found.group()) if found else END

    def _read(self) -> tuple[Token, int]:
        if self._at >= len(self._text):
            return END, self._at
        token = self._read_or_end()
        if token is END:
            shown = self._text[self._at]
            raise MalformedQuery(f"unexpected symbol found {shown}", self._at, self._at + 1)
        return token, self._at + len(token.text)


def unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
