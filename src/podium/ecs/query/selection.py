"""Which of many container instances an expression means, all of them at once."""

from collections.abc import Mapping
from functools import reduce
from operator import and_, or_
from typing import Protocol

from podium.ecs.query.evaluation import test
from podium.ecs.query.tree import And, Comparison, Expression, Not, Operator, Or, Subject

PASSING = frozenset({Subject.AGENT_CONNECTED, Subject.RUNNING_TASKS_COUNT, Subject.TASK_GROUP})
"""What changes while an instance stays what it is."""


class Census(Protocol):
    """Instances as rows; a set of rows is an integer, one bit a row."""

    @property
    def everyone(self) -> int:
        """All rows that there are."""

    def by_value(self, subject: Subject, attribute: str) -> Mapping[str | None, int]:
        """The rows that have each value of the subject; under None those that do not have it at all.

        A row that has several values, as with the groups of its tasks, is in each of their sets.
        """


def selected(expression: Expression, census: Census) -> int:
    """The rows for which the expression holds."""
    match expression:
        case Not(inner):
            return census.everyone ^ selected(inner, census)
        case And(parts):
            return reduce(and_, (selected(part, census) for part in parts))
        case Or(parts):
            return reduce(or_, (selected(part, census) for part in parts))
        case _:
            return _compared(expression, census)


def is_lasting(expression: Expression) -> bool:
    """Whether what it says of an instance holds as long as the instance's description stays the same."""
    match expression:
        case Not(inner):
            return is_lasting(inner)
        case And(parts) | Or(parts):
            return all(map(is_lasting, parts))
        case _:
            return expression.subject not in PASSING


def _compared(comparison: Comparison, census: Census) -> int:
    values = census.by_value(comparison.subject, comparison.attribute)
    if comparison.operator is Operator.EXISTS:
        return reduce(or_, (rows for value, rows in values.items() if value is not None), 0)
    passes = test(comparison)
    return reduce(or_, (rows for value, rows in values.items() if value is not None and passes(value)), 0)
