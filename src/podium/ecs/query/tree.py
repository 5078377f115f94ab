"""What an expression is made of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


class Operator(StrEnum):
    EQUALS = "=="
    LESS = "<"
    LESS_EQUAL = "<="
    GREATER = ">"
    GREATER_EQUAL = ">="
    IN = "in"
    EXISTS = "exists"
    MATCHES = "=~"


class Subject(StrEnum):
    ATTRIBUTE = "attribute"
    AGENT_CONNECTED = "agentConnected"
    AGENT_VERSION = "agentVersion"
    EC2_INSTANCE_ID = "ec2InstanceId"
    REGISTERED_AT = "registeredAt"
    RUNNING_TASKS_COUNT = "runningTasksCount"
    TASK_GROUP = "task:group"


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """`attribute` is the attribute's name for that subject alone. A regular expression comes compiled."""

    subject: Subject
    attribute: str = ""
    operator: Operator
    arguments: tuple[str, ...] = ()
    pattern: Callable[[str], bool] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    inner: "Expression"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Expression", ...]


Expression = Comparison | Not | And | Or

O = Operator  # noqa: E741
TEXTUAL = frozenset({O.EQUALS, O.IN, O.MATCHES})
ORDERED = frozenset({O.EQUALS, O.LESS, O.LESS_EQUAL, O.GREATER, O.GREATER_EQUAL})

ALLOWED: dict[Subject, frozenset[Operator]] = {
    Subject.ATTRIBUTE: frozenset(O),
    Subject.AGENT_CONNECTED: TEXTUAL,
    Subject.AGENT_VERSION: ORDERED,
    Subject.EC2_INSTANCE_ID: TEXTUAL,
    Subject.REGISTERED_AT: ORDERED,
    Subject.RUNNING_TASKS_COUNT: ORDERED,
    Subject.TASK_GROUP: TEXTUAL,
}


def version(text: str) -> tuple[int, ...]:
    """`1.90.0` as numbers, so that 1.9 comes before 1.10. Raises ValueError."""
    return tuple(int(part) for part in text.removeprefix("v").split("."))


def moment(text: str) -> datetime:
    """A date, with or without a time and a zone; UTC when none is said. Raises ValueError."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
