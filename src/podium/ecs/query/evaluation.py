"""Whether a container instance is one of those that an expression means."""

import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from podium.ecs.query.tree import And, Comparison, Expression, Not, Operator, Or, Subject, moment, version
from podium.ecs.records import ContainerInstance


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """An instance as expressions see it: itself, its RUNNING tasks, and the groups of tasks that it holds."""

    instance: ContainerInstance
    running: int = 0
    groups: Collection[str] = field(default_factory=tuple)


def holds(expression: Expression, facts: Facts) -> bool:
    match expression:
        case Not(inner):
            return not holds(inner, facts)
        case And(parts):
            return all(holds(part, facts) for part in parts)
        case Or(parts):
            return any(holds(part, facts) for part in parts)
        case _:
            return _compares(expression, facts)


def _compares(comparison: Comparison, facts: Facts) -> bool:
    """True when any value of the subject compares. One that is missing compares with nothing, so that `!=` holds."""
    if comparison.operator is Operator.EXISTS:
        return comparison.attribute in _attributes(facts.instance)
    passes = test(comparison)
    return any(passes(value) for value in _values(comparison, facts))


def _values(comparison: Comparison, facts: Facts) -> Collection[str]:
    if comparison.subject is Subject.ATTRIBUTE:
        attributes = _attributes(facts.instance)
        held = comparison.attribute in attributes
        return (attributes[comparison.attribute] or "",) if held else ()
    return VALUES[comparison.subject](facts)


def _attributes(instance: ContainerInstance) -> Mapping[str, str | None]:
    return {**instance.attributes, **instance.custom_attributes}


VALUES: dict[Subject, Callable[[Facts], Collection[str]]] = {
    Subject.AGENT_CONNECTED: lambda f: (str(f.instance.agent_connected).lower(),),
    Subject.AGENT_VERSION: lambda f: (f.instance.agent_version,) if f.instance.agent_version else (),
    Subject.EC2_INSTANCE_ID: lambda f: (f.instance.ec2_instance_id,),
    Subject.REGISTERED_AT: lambda f: (f.instance.registered_at.isoformat(),),
    Subject.RUNNING_TASKS_COUNT: lambda f: (str(f.running),),
    Subject.TASK_GROUP: lambda f: f.groups,
}
READ: dict[Subject, Callable[[str], Any]] = {
    Subject.AGENT_VERSION: version,
    Subject.REGISTERED_AT: moment,
    Subject.RUNNING_TASKS_COUNT: int,
}
ORDER: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUALS: operator.eq,
    Operator.LESS: operator.lt,
    Operator.LESS_EQUAL: operator.le,
    Operator.GREATER: operator.gt,
    Operator.GREATER_EQUAL: operator.ge,
}


def test(comparison: Comparison) -> Callable[[str], bool]:
    """What a value must pass, for every operator but `exists`."""
    arguments, pattern = comparison.arguments, comparison.pattern
    if pattern is not None:
        return pattern
    if comparison.operator is Operator.IN:
        return lambda value: value in arguments
    order, [wanted] = ORDER[comparison.operator], arguments
    if comparison.subject in READ:
        read = READ[comparison.subject]
        return lambda value: _readable(read, value) and order(read(value), read(wanted))
    if comparison.operator is Operator.EQUALS:
        return lambda value: value == wanted
    return lambda value: order(*_alike(value, wanted))


def _readable(read: Callable[[str], Any], value: str) -> bool:
    """An agent may call its version whatever it likes."""
    try:
        read(value)
    except ValueError:
        return False
    return True


def _alike(one: str, other: str) -> tuple[Any, Any]:
    """Both as numbers if both are, or else both as text."""
    try:
        return float(one), float(other)
    except ValueError:
        return one, other
