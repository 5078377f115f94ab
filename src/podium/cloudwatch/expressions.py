"""Metric math: a part of what CloudWatch's can, read by Python's own parser and worked out here.

A series is values by the starts of their periods; between two series, where both have one.
Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics".
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import isfinite
from operator import add, mul, sub, truediv

from podium.cloudwatch.errors import Invalid

Series = Mapping[int, float]
Value = float | Series | Sequence[Series]
Named = Callable[[str], Series]
KNOWN = "+ - * /, SUM, AVG, MIN, MAX, RATE and FILL of series"
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: add,
    ast.Sub: sub,
    ast.Mult: mul,
    ast.Div: truediv,
}
_TOGETHER: dict[str, Callable[[Sequence[float]], float]] = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
}


def evaluated(expression: str, of: str, named: Named, times: Sequence[int]) -> Series:
    """The series that the query `of` asks for; `named` gives those of other queries.

    `times` are those of all periods in the range, for what FILL fills. Raises Invalid.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval")
        value = _Evaluation(of, named, times).value(tree.body)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise Invalid(f"Error in expression '{of}': it cannot be read.") from error
    if not isinstance(value, Mapping):
        what = "one number" if isinstance(value, float) else "several series"
        raise Invalid(f"Error in expression '{of}': it gives {what}, and must give one series.")
    return {at: number for at, number in value.items() if isfinite(number)}


class _Evaluation:
    def __init__(self, of: str, named: Named, times: Sequence[int]) -> None:
        self._of, self._named, self._times = of, named, times

    def value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return float(number)
            case ast.Name(id=name):
                return self._named(name)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return self._combined(mul, -1.0, self.value(inner))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return self._combined(_OPERATORS[type(op)], self.value(left), self.value(right))
            case ast.List(elts=items):
                return [self._series(item) for item in items]
            case ast.Call(func=ast.Name(id=name), args=given, keywords=[]):
                return self._called(name, given)
        raise self._refusal(f"`{ast.unparse(node)}` is not supported. Podium knows {KNOWN}.")

    def _called(self, name: str, given: list[ast.expr]) -> Value:
        match name, given:
            case "SUM" | "AVG" | "MIN" | "MAX", [one]:
                return _together(_TOGETHER[name], self.value(one))
            case "RATE", [one]:
                return _rate(self._series(one))
            case "FILL", [one, ast.Name(id="REPEAT")]:
                return self._repeated(self._series(one))
            case "FILL", [one, other] if isinstance(number := self.value(other), float):
                return {**dict.fromkeys(self._times, number), **self._series(one)}
        raise self._refusal(f"{name} of such arguments is not supported. Podium knows {KNOWN}.")

    def _repeated(self, series: Series) -> Series:
        """Where there is nothing, what was there last."""
        filled: dict[int, float] = {}
        for at in sorted({*self._times, *series}):
            last = series.get(at, next(reversed(filled.values()), None))
            if last is not None:
                filled[at] = last
        return filled

    def _series(self, node: ast.expr) -> Series:
        value = self.value(node)
        if isinstance(value, Mapping):
            return value
        raise self._refusal(f"`{ast.unparse(node)}` is not a series.")

    def _combined(self, operator: Callable[[float, float], float], left: Value, right: Value) -> Value:
        if isinstance(left, float) and isinstance(right, float):
            if operator is truediv and not right:
                raise self._refusal("it divides by zero.")
            return operator(left, right)
        if isinstance(left, Sequence) or isinstance(right, Sequence):
            raise self._refusal("several series cannot be reckoned with at once; take SUM, AVG, MIN or MAX of them.")
        found = {at: (_at(left, at), _at(right, at)) for at in _shared(left, right)}
        return {at: operator(one, other) for at, (one, other) in found.items() if operator is not truediv or other}

    def _refusal(self, sentence: str) -> Invalid:
        return Invalid(f"Error in expression '{self._of}': {sentence}")


def _at(value: float | Series, at: int) -> float:
    return value if isinstance(value, float) else value[at]


def _shared(left: float | Series, right: float | Series) -> Sequence[int]:
    """The times at which each that is a series has a value."""
    one, other = (left, right) if isinstance(left, Mapping) else (right, left)
    return [at for at in one if isinstance(other, float) or at in other] if isinstance(one, Mapping) else []


def _together(combine: Callable[[Sequence[float]], float], value: Value) -> Value:
    """Of one series a number, of several a series, at every time at which any has a value."""
    if isinstance(value, float):
        return value
    if isinstance(value, Mapping):
        return float(combine(list(value.values()))) if value else {}
    times = sorted({at for series in value for at in series})
    return {at: float(combine([series[at] for series in value if at in series])) for at in times}


def _rate(series: Series) -> Series:
    """How much it grew a second since the value before."""
    pairs = pairwise(sorted(series))
    return {now: (series[now] - series[before]) / (now - before) for before, now in pairs}
