"""Expressions: what is made of a row's fields, with the usual precedence."""

from collections.abc import Callable, Mapping
from operator import add, eq, ge, gt, le, lt, mul, ne, sub
from typing import Any

from podium.logs.insights.functions import FUNCTIONS, SPANS, binned
from podium.logs.insights.rows import Row, number, text
from podium.logs.insights.tokens import Tokens, unquoted
from podium.logs.regexes import Regex

Value = Callable[[Row], Any]
DEEPEST = 50
COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
KEYWORDS = ("and", "or", "not", "like", "in", "as", "by", "asc", "desc")


def expression(tokens: Tokens, depth: int = 0) -> Value:
    """Raises MalformedQuery, and Invalid for a regular expression that is none."""
    if depth == DEEPEST:
        raise tokens.wrong("the expression is too deep")
    tests = [_conjunction(tokens, depth)]
    while tokens.takes("or"):
        tests.append(_conjunction(tokens, depth))
    return tests[0] if len(tests) == 1 else lambda row: any(true(test(row)) for test in tests)


def true(value: Any) -> bool:
    return value is not None and value != 0 and value != "" and value is not False


def _conjunction(tokens: Tokens, depth: int) -> Value:
    tests = [_negation(tokens, depth)]
    while tokens.takes("and"):
        tests.append(_negation(tokens, depth))
    return tests[0] if len(tests) == 1 else lambda row: all(true(test(row)) for test in tests)


def _negation(tokens: Tokens, depth: int) -> Value:
    negated = False
    while tokens.takes("not"):
        negated = not negated
    test = _comparison(tokens, depth)
    return (lambda row: not true(test(row))) if negated else test


def _comparison(tokens: Tokens, depth: int) -> Value:
    left = _sum(tokens, depth)
    negated = bool(tokens.takes("not"))
    if found := tokens.takes("like", "=~"):
        test = _liked(tokens, left, found)
    elif tokens.takes("in"):
        test = _listed(tokens, left)
    elif negated:
        raise tokens.wrong("'like' or 'in' was expected")
    elif found := tokens.takes(*COMPARED):
        return _compared(COMPARED[found], left, _sum(tokens, depth))
    else:
        return left
    return (lambda row: not test(row)) if negated else test


def _compared(holds: Callable[[Any, Any], bool], left: Value, right: Value) -> Value:
    """As numbers where both are, else as texts. What is not there is unequal to everything."""

    def test(row: Row) -> bool:
        one, other = left(row), right(row)
        if one is None or other is None:
            return holds is ne and one is not other
        numbers = number(one), number(other)
        if None in numbers:
            return holds(text(one), text(other))
        return holds(*numbers)

    return test


def _liked(tokens: Tokens, left: Value, word: str) -> Value:
    pattern = tokens.regex()
    if pattern is None and tokens.next.kind != "text":
        raise tokens.wrong(f"a text or a regular expression was expected after '{word}'")
    if pattern is None and word == "like":
        wanted = unquoted(tokens.take().text)
        return lambda row: wanted in (text(left(row)) or "")
    within = Regex(pattern if pattern is not None else unquoted(tokens.take().text)).within
    return lambda row: (found := text(left(row))) is not None and within(found)


def _listed(tokens: Tokens, left: Value) -> Value:
    tokens.expect("[")
    tests = list[Value]()
    while not tokens.takes("]"):
        tests.append(_compared(eq, left, _primary(tokens, 0)))
        if not tokens.takes(","):
            tokens.expect("]")
            break
    return lambda row: any(test(row) for test in tests)


def _sum(tokens: Tokens, depth: int) -> Value:
    value = _product(tokens, depth)
    while found := tokens.takes("+", "-"):
        value = _arithmetic(tokens, add if found == "+" else sub, value, _product(tokens, depth))
    return value


def _product(tokens: Tokens, depth: int) -> Value:
    value = _power(tokens, depth)
    while found := tokens.takes("*", "/", "%"):
        value = _arithmetic(tokens, {"*": mul, "/": _divided, "%": _remainder}[found], value, _power(tokens, depth))
    return value


def _power(tokens: Tokens, depth: int) -> Value:
    value = _primary(tokens, depth)
    return _arithmetic(tokens, pow, value, _primary(tokens, depth)) if tokens.takes("^") else value


def _divided(one: float, other: float) -> float | None:
    return one / other if other else None


def _remainder(one: float, other: float) -> float | None:
    return one % other if other else None


def _arithmetic(tokens: Tokens, work: Callable[[float, float], Any], left: Value, right: Value) -> Value:
    tokens.operator()

    def value(row: Row) -> Any:
        one, other = number(left(row)), number(right(row))
        if one is None or other is None:
            return None
        try:
            found = work(one, other)
        except (OverflowError, ZeroDivisionError):
            return None
        return found if isinstance(found, int | float) else None  # a root of what is negative is complex

    return value


def _primary(tokens: Tokens, depth: int) -> Value:
    if tokens.takes("("):
        inner = expression(tokens, depth + 1)
        tokens.expect(")")
        return inner
    if tokens.takes("-"):
        if depth >= DEEPEST:
            raise tokens.wrong("the expression is too deep")
        return _arithmetic(tokens, sub, lambda row: 0, _primary(tokens, depth + 1))
    kind, written = tokens.next
    if kind in ("text", "number"):
        tokens.take()
        constant = unquoted(written) if kind == "text" else float(written)
        return lambda row: constant
    if kind == "name" and written.lower() in KEYWORDS:
        raise tokens.wrong(f"unexpected symbol found {written}")
    name = tokens.name()
    return _called(tokens, name, depth) if tokens.takes("(") else lambda row: row.get(name)


def _called(tokens: Tokens, name: str, depth: int) -> Value:
    if name.lower() in ("bin", "datefloor"):
        return _bin(tokens, name.lower(), depth)
    function = FUNCTIONS.get(name.lower())
    if function is None:
        raise tokens.wrong(f"unknown function {name}")
    given = list[Value]()
    while not tokens.takes(")"):
        given.append(expression(tokens, depth + 1))
        if not tokens.takes(","):
            tokens.expect(")")
            break
    if not function.least <= len(given) <= function.most:
        raise tokens.wrong(f"{name} takes another number of arguments")
    return lambda row: function.call(*(value(row) for value in given))


def _moment(row: Row) -> Any:
    return row.get("@timestamp")


def _bin(tokens: Tokens, name: str, depth: int) -> Value:
    """`bin(5m)` is of the event's moment, `datefloor(x, 5m)` of any."""
    value: Value = _moment
    if name == "datefloor":
        value = expression(tokens, depth + 1)
        tokens.expect(",")
    kind, written = tokens.take()
    digits = written.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = written[len(digits) :]
    if kind != "span" or unit not in SPANS or not int(digits[:9]):
        raise tokens.wrong(f"{name} takes a length of time such as 5m")
    span = int(digits[:9]) * SPANS[unit]
    tokens.expect(")")
    return lambda row: binned(value(row), span)
