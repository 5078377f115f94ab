"""From a text to its tree. `not` binds tighter than `and`, and `and` than `or`."""

import re
from collections.abc import Callable
from functools import lru_cache

from podium.ecs.errors import InvalidParameter
from podium.ecs.query import patterns
from podium.ecs.query.tree import (
    ALLOWED,
    And,
    Comparison,
    Expression,
    Not,
    Operator,
    Or,
    Subject,
    moment,
    version,
)

LONGEST, DEEPEST = 2000, 40
O = Operator  # noqa: E741
SIGNS = {
    "==": (O.EQUALS, False), "equals": (O.EQUALS, False),
    "!=": (O.EQUALS, True), "not_equals": (O.EQUALS, True),
    ">=": (O.GREATER_EQUAL, False), "greater_than_equal": (O.GREATER_EQUAL, False),
    "<=": (O.LESS_EQUAL, False), "less_than_equal": (O.LESS_EQUAL, False),
    "=~": (O.MATCHES, False), "matches": (O.MATCHES, False),
    "!~": (O.MATCHES, True), "not_matches": (O.MATCHES, True),
    ">": (O.GREATER, False), "greater_than": (O.GREATER, False),
    "<": (O.LESS, False), "less_than": (O.LESS, False),
    "in": (O.IN, False),
    "!in": (O.IN, True), "not_in": (O.IN, True),
    "exists": (O.EXISTS, False),
    "!exists": (O.EXISTS, True), "not_exists": (O.EXISTS, True),
}  # fmt: skip

_OPERATOR = re.compile(r"==|!=|>=|<=|=~|!~|>|<|!?[a-z_]+")
_SUBJECT = re.compile(r"[A-Za-z0-9._:/\\-]+")
_WORD = re.compile(r"[^\s()\[\],\"'&|]+")
_QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_OR, _AND = re.compile(r"\|\||or\b"), re.compile(r"&&|and\b")
_NOT = re.compile(r"!|not\b")
_CLOSING = {"(": ")", "[": "]"}


@lru_cache(maxsize=512)
def parsed(text: str) -> Expression:
    """Raises InvalidParameter for what is not an expression."""
    if len(text) > LONGEST:
        raise InvalidParameter(f"Invalid expression: longer than {LONGEST} characters")
    reader = _Reader(text)
    found = reader.either()
    if reader.left():
        raise reader.complaint("the end")
    return found


class _Reader:
    """A place in the text, and the rules of the grammar, one a method."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth = text, 0, 0

    def left(self) -> str:
        """What is still to be read, from its first letter on."""
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._text[self._at :]

    def complaint(self, wanted: str) -> InvalidParameter:
        left = self.left()[:40]
        found = f"'{left}'" if left else "the end"
        return InvalidParameter(f"Invalid expression: expected {wanted}, found {found}")

    def _take(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self.left())
        if found is None:
            return None
        self._at += found.end()
        return found.group()

    def either(self) -> Expression:
        parts = [self.both()]
        while self._take(_OR):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self) -> Expression:
        parts = [self.negation()]
        while self._take(_AND):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negation(self) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST:
            raise InvalidParameter("Invalid expression: nested too deeply")
        found: Expression
        if self._take(_NOT):
            found = Not(self.negation())
        elif self.left().startswith("("):
            self._at += 1
            found = self.either()
            if not self.left().startswith(")"):
                raise self.complaint("')'")
            self._at += 1
        else:
            found = self.comparison()
        self._depth -= 1
        return found

    def comparison(self) -> Expression:
        subject, attribute = self._subject()
        sign = self._operator()
        operator, negated = SIGNS[sign]
        if operator not in ALLOWED[subject]:
            raise InvalidParameter(f"Invalid expression: operator '{sign}' is not supported for '{subject}'")
        arguments = self._arguments(operator)
        _check(subject, arguments)
        pattern = patterns.compiled(arguments[0]) if operator is O.MATCHES else None
        found = Comparison(
            subject=subject, attribute=attribute, operator=operator, arguments=arguments, pattern=pattern
        )
        return Not(found) if negated else found

    def _subject(self) -> tuple[Subject, str]:
        start = self._at
        name = self._take(_SUBJECT) or ""
        if name.startswith("attribute:") and len(name) > len("attribute:"):
            return Subject.ATTRIBUTE, name.removeprefix("attribute:")
        if name == Subject.ATTRIBUTE or name not in set(Subject):
            self._at = start
            raise self.complaint("a subject such as attribute:name or task:group")
        return Subject(name), ""

    def _operator(self) -> str:
        start = self._at
        sign = self._take(_OPERATOR)
        if sign not in SIGNS:
            self._at = start
            raise self.complaint("an operator")
        return sign

    def _arguments(self, operator: Operator) -> tuple[str, ...]:
        if operator is O.EXISTS:
            return ()
        if operator is not O.IN:
            return (self._literal() if operator is not O.MATCHES else self._pattern(),)
        if not self.left().startswith("["):
            raise self.complaint("'['")
        self._at += 1
        found = [self._literal()]
        while self.left().startswith(","):
            self._at += 1
            found.append(self._literal())
        if not self.left().startswith("]"):
            raise self.complaint("',' or ']'")
        self._at += 1
        return tuple(found)

    def _literal(self) -> str:
        if (quoted := self._take(_QUOTED)) is not None:
            return quoted[1:-1]
        word = self._take(_WORD)
        if word is None:
            raise self.complaint("a value")
        return word

    def _pattern(self) -> str:
        """A bare regular expression goes to the next blank or operator, or to a bracket that it did not open itself."""
        if (quoted := self._take(_QUOTED)) is not None:
            return quoted[1:-1]
        text, open_brackets, end = self.left(), [], 0
        while end < len(text) and not text[end].isspace():
            letter = text[end]
            if letter in _CLOSING:
                open_brackets.append(_CLOSING[letter])
            elif letter in _CLOSING.values():
                if not open_brackets or open_brackets.pop() != letter:
                    break
            elif not open_brackets and text.startswith(("&&", "||"), end):
                break
            end += 2 if letter == "\\" else 1
        if end == 0:
            raise self.complaint("a regular expression")
        self._at += min(end, len(text))
        return text[:end]


TYPES: dict[Subject, tuple[Callable[[str], object], str]] = {
    Subject.AGENT_VERSION: (version, "a version such as 1.90.0"),
    Subject.REGISTERED_AT: (moment, "a date such as 2018-06-18T22:28:28+00:00"),
    Subject.RUNNING_TASKS_COUNT: (int, "a number"),
}


def _check(subject: Subject, arguments: tuple[str, ...]) -> None:
    if subject not in TYPES:
        return
    read, wanted = TYPES[subject]
    for argument in arguments:
        try:
            read(argument)
        except (ValueError, OverflowError) as error:
            raise InvalidParameter(f"Invalid expression: '{subject}' is compared with {wanted}") from error
