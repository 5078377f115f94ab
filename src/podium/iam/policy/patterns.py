"""Texts with wildcards and variables: `*` any characters, `?` one, `${key}` what the request says.

Source: IAM User Guide, "IAM policy elements: Variables and tags" and "IAM JSON policy elements: Resource".
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from podium.iam.policy.request import Request

Matcher = Callable[[str, Request], bool]
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_ESCAPED = {"*", "?", "$"}  # ${*} is an asterisk, and no wildcard
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Variable:
    """`${aws:username, 'nobody'}`: a key in lower case, and what it is when the request has no such key."""

    key: str
    default: str | None

    def value(self, request: Request) -> str | None:
        """None for a key without a value, and for one with several: those are no text."""
        held = request.context.get(self.key)
        return held[0] if held is not None and len(held) == 1 else self.default


def wildcard(text: str, *, variables: bool, fold: bool = False) -> Matcher:
    """Whether a value is of the form `text`. `fold` compares in lower case; the value must be so already."""
    text = text.lower() if fold else text
    if text == "*":
        return lambda value, request: True
    if variables and "${" in text:
        return _varying(text)
    if "*" not in text and "?" not in text:
        return lambda value, request: value == text
    matches = re.compile(_joined([(text, "")]), re.DOTALL).fullmatch
    return lambda value, request: matches(value) is not None


def literal(text: str, *, variables: bool, fold: bool = False) -> Matcher:
    """Whether a value is `text`, in which wildcards are ordinary characters. `fold` compares in lower case."""
    if variables and "${" in text:
        return _varying_literal(text, fold)
    if fold:
        text = text.lower()
        return lambda value, request: value.lower() == text
    return lambda value, request: value == text


def _varying(text: str) -> Matcher:
    """A variable that has no value makes the pattern match nothing."""
    names, between = _cut(text)

    def match(value: str, request: Request) -> bool:
        said = _values(names, request)
        return said is not None and _bound(between, said).fullmatch(value) is not None

    return match


def _varying_literal(text: str, fold: bool) -> Matcher:
    names, between = _cut(text)

    def match(value: str, request: Request) -> bool:
        said = _values(names, request)
        if said is None:
            return False
        wanted = "".join(a + b for a, b in zip(between, (*said, ""), strict=True))
        return value.lower() == wanted.lower() if fold else value == wanted

    return match


def _values(names: tuple[Variable, ...], request: Request) -> tuple[str, ...] | None:
    found = [name.value(request) for name in names]
    known = tuple(value for value in found if value is not None)
    return known if len(known) == len(found) else None


def _cut(text: str) -> tuple[tuple[Variable, ...], tuple[str, ...]]:
    """The variables of `text`, and the texts between them: one more than there are variables."""
    pieces = _VARIABLE.split(text)
    return tuple(_variable(piece) for piece in pieces[1::2]), tuple(pieces[0::2])


def variable_names(text: str) -> list[str]:
    """The keys that the variables of `text` name, as they are written."""
    return [inside.partition(",")[0].strip() for inside in _VARIABLE.findall(text) if inside not in _ESCAPED]


def resolved(texts: Iterable[str]) -> Callable[[Request], bool]:
    """Whether every variable in `texts` has a value."""
    names = [name for text in texts for name in _cut(text)[0]]
    return lambda request: _values(tuple(names), request) is not None


def _variable(inside: str) -> Variable:
    if inside in _ESCAPED:
        return Variable("", inside)
    key, comma, default = inside.partition(",")
    return Variable(key.strip().lower(), default.strip().strip("'") if comma else None)


@lru_cache(maxsize=_REMEMBERED)
def _bound(between: tuple[str, ...], said: tuple[str, ...]) -> re.Pattern[str]:
    """What a variable stands for is taken word for word: a user named `*` is no wildcard."""
    marked = [*map(re.escape, said), ""]
    return re.compile(_joined(list(zip(between, marked, strict=True))), re.DOTALL)


def _joined(parts: list[tuple[str, str]]) -> str:
    """A regular expression of each text with what follows it, which is one already.

    A `*` takes as little as it can and never gives back: the first place where the next text fits is as good as
    any later one. So matching takes at most the product of the two lengths, whatever the pattern.
    """
    runs = [""]
    for text, after in parts:
        first, *more = re.split(r"\*+", text)
        runs[-1] += _run(first)
        runs += map(_run, more)
        runs[-1] += after
    if len(runs) == 1:
        return runs[0]
    return runs[0] + "".join(f"(?>.*?{run})" for run in runs[1:-1] if run) + ".*" + runs[-1]


def _run(text: str) -> str:
    return ".".join(re.escape(piece) for piece in text.split("?"))
