"""The records that ARNs and names mean. What another account or region has is not there."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from podium.elbv2.errors import (
    Invalid,
    ListenerNotFound,
    LoadBalancerNotFound,
    Refusal,
    RuleNotFound,
    TargetGroupNotFound,
)
from podium.elbv2.records import Listener, LoadBalancer, Rule, Target, TargetGroup
from podium.store.session import Transaction

R = TypeVar("R")

# What an ARN calls each kind, and what sentences do.
NOUNS: dict[type[Any], tuple[str, str]] = {
    LoadBalancer: ("loadbalancer", "load balancer"),
    TargetGroup: ("targetgroup", "target group"),
    Listener: ("listener", "listener"),
    Rule: ("listener-rule", "listener rule"),
}

NOT_FOUND: dict[type[Any], Callable[[str], Refusal]] = {
    LoadBalancer: LoadBalancerNotFound,
    TargetGroup: TargetGroupNotFound,
    Listener: ListenerNotFound,
    Rule: RuleNotFound,
}


def named(tx: Transaction, home: str, kind: type[R], arn: str) -> R:
    """Raises Invalid for what is no ARN of the kind, and the kind's own NotFound."""
    well_formed(kind, arn)
    found = find(tx, home, kind, arn)
    if found is None:
        raise NOT_FOUND[kind](arn)
    return found


def find(tx: Transaction, home: str, kind: type[R], arn: str) -> R | None:
    found = tx.get(kind, arn)
    return found if found is not None and found.home == home else None  # type: ignore[attr-defined]


def well_formed(kind: type[Any], arn: str) -> None:
    """Raises Invalid."""
    noun, said = NOUNS[kind]
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[2] != "elasticloadbalancing" or parts[5].partition("/")[0] != noun:
        raise Invalid(f"'{arn}' is not a valid {said} ARN")


def default_rule(tx: Transaction, home: str, arn: str) -> Listener | None:
    """The listener whose default rule it is."""
    listener = find(tx, home, Listener, arn.replace(":listener-rule/", ":listener/", 1).rpartition("/")[0])
    return listener if listener is not None and listener.default_rule_arn == arn else None


def load_balancer_named(tx: Transaction, home: str, name: str) -> LoadBalancer | None:
    return next((held for held in tx.list(LoadBalancer, home=home) if held.name == name), None)


def target_group_named(tx: Transaction, home: str, name: str) -> TargetGroup | None:
    return next((held for held in tx.list(TargetGroup, home=home) if held.name == name), None)


def listeners_of(tx: Transaction, balancer_arn: str) -> list[Listener]:
    return tx.list(Listener, load_balancer_arn=balancer_arn)


def rules_of(tx: Transaction, listener_arn: str) -> list[Rule]:
    """In the order in which they are tried; the default one is the listener's own."""
    return sorted(tx.list(Rule, listener_arn=listener_arn), key=lambda rule: rule.priority)


def targets_of(tx: Transaction, group_arn: str) -> list[Target]:
    return tx.list(Target, target_group_arn=group_arn)


def balancer_of(tx: Transaction, listener: Listener) -> LoadBalancer:
    found = tx.get(LoadBalancer, listener.load_balancer_arn)
    assert found is not None, f"{listener.arn} has lost its load balancer"
    return found


def listener_of(tx: Transaction, rule: Rule) -> Listener:
    found = tx.get(Listener, rule.listener_arn)
    assert found is not None, f"{rule.arn} has lost its listener"
    return found


def each(tx: Transaction, home: str, kind: type[R], arns: Iterable[str]) -> list[R | None]:
    return [find(tx, home, kind, arn) for arn in dict.fromkeys(arns)]
