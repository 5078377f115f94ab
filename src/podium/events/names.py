"""Rules and event buses by name and ARN."""

from podium.events.errors import EventBusNotFound, ResourceNotFound, RuleNotFound
from podium.events.records import EventBus, Rule
from podium.kernel.call import Call
from podium.store.session import Transaction

DEFAULT = "default"


def bus_name(given: str | None) -> str:
    """Of a name or an ARN; `default` unless one is given."""
    return (given or DEFAULT).rpartition(":event-bus/")[2]


def bus_arn(call: Call, name: str) -> str:
    return call.arn("events", f"event-bus/{name}")


def rule_arn(call: Call, bus: str, name: str) -> str:
    return call.arn("events", f"rule/{name}" if bus == DEFAULT else f"rule/{bus}/{name}")


def bus(call: Call, tx: Transaction, given: str | None) -> EventBus:
    """By name or ARN. Raises EventBusNotFound."""
    name = bus_name(given)
    arn = given if given and given.startswith("arn:") else bus_arn(call, name)
    found = tx.get(EventBus, arn) if arn == bus_arn(call, name) else None
    if found is not None:
        return found
    if arn != bus_arn(call, DEFAULT):
        raise EventBusNotFound(name)
    return EventBus(arn=arn, home=call.home, name=DEFAULT)


def find_rule(call: Call, tx: Transaction, bus: EventBus, name: str) -> Rule | None:
    return tx.get(Rule, rule_arn(call, bus.name, name))


def rule(call: Call, tx: Transaction, given: str | None, name: str) -> Rule:
    """Raises EventBusNotFound, RuleNotFound."""
    held = bus(call, tx, given)
    found = find_rule(call, tx, held, name)
    if found is None:
        raise RuleNotFound(name, held.name)
    return found


def of_arn(call: Call, tx: Transaction, arn: str) -> Rule | EventBus:
    """One of the caller's own account and region. Raises ResourceNotFound."""
    if arn == bus_arn(call, DEFAULT):
        return bus(call, tx, None)
    found = tx.get(Rule, arn) or tx.get(EventBus, arn)
    if found is None or found.home != call.home:
        raise ResourceNotFound(arn)
    return found
