"""`ERROR "access denied" -health`, `?ERROR ?WARN`, `%4[0-9]{2}%`: terms that a message has anywhere in it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from podium.logs.errors import Invalid
from podium.logs.patterns.expressions import regex
from podium.logs.patterns.matching import InvalidPattern

Test = Callable[[str], bool]
_TERM = re.compile(r"\s*([?-]?)(?:\"((?:\\.|[^\"\\])*)\"|%([^%]*)%|([^\s\"%]+))(?=\s|$)", re.DOTALL)
_PLAIN = re.compile(r"[\w.]+")
MOST_EXPRESSIONS = 2


@dataclass(frozen=True, slots=True)
class Terms:
    """All of `needed`, none of `unwanted`, and one of `optional` where it is nothing else that is asked for."""

    needed: tuple[Test, ...]
    unwanted: tuple[Test, ...]
    optional: tuple[Test, ...]

    def matches(self, message: str) -> bool:
        if not self.needed and not self.unwanted and self.optional:
            return any(test(message) for test in self.optional)
        return all(test(message) for test in self.needed) and not any(test(message) for test in self.unwanted)

    def extracted(self, message: str) -> Mapping[str, str]:
        return {}


def parsed(text: str) -> Terms:
    """Terms are told apart by upper and lower case. Raises Invalid."""
    found: dict[str, list[Test]] = {"": [], "-": [], "?": []}
    at, expressions = 0, 0
    while at < len(text):
        term = _TERM.match(text, at)
        if term is None:
            raise InvalidPattern
        kind, phrase, expression, plain = term.groups()
        expressions += expression is not None
        found[kind].append(regex(expression).within if expression is not None else _holding(phrase, plain))
        at = term.end()
    if expressions > MOST_EXPRESSIONS:
        raise InvalidPattern(f"it has more than {MOST_EXPRESSIONS} regular expressions")
    return Terms(tuple(found[""]), tuple(found["-"]), tuple(found["?"]))


def _holding(phrase: str | None, plain: str | None) -> Test:
    if plain is not None and _PLAIN.fullmatch(plain) is None:
        raise Invalid(f"Invalid character(s) in term '{plain}'")
    wanted = plain if plain is not None else re.sub(r"\\(.)", r"\1", phrase or "", flags=re.DOTALL)
    return lambda message: wanted in message
