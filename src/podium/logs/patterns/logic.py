"""Conditions that are put together with `&&`, `||` and parentheses."""

from collections.abc import Callable
from typing import Any

from podium.logs.patterns.matching import InvalidPattern
from podium.logs.patterns.tokens import Tokens

Test = Callable[[Any], bool]
DEEPEST = 50  # parentheses within parentheses


def expression(tokens: Tokens, condition: Callable[[Tokens], Test], depth: int = 0) -> Test:
    """`&&` binds closer than `||`. Raises InvalidPattern."""
    tests = [_all(tokens, condition, depth)]
    while tokens.takes("||"):
        tests.append(_all(tokens, condition, depth))
    return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)


def _all(tokens: Tokens, condition: Callable[[Tokens], Test], depth: int) -> Test:
    tests = [_one(tokens, condition, depth)]
    while tokens.takes("&&"):
        tests.append(_one(tokens, condition, depth))
    return tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)


def _one(tokens: Tokens, condition: Callable[[Tokens], Test], depth: int) -> Test:
    if not tokens.takes("("):
        return condition(tokens)
    if depth == DEEPEST:
        raise InvalidPattern("its parentheses are too deep")
    inner = expression(tokens, condition, depth + 1)
    tokens.expect(")")
    return inner
