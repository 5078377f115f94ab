"""What listeners and rules have in common: checking their actions against what is there, and going away."""

from collections.abc import Sequence

from podium import acm
from podium.elbv2 import associations, lookups
from podium.elbv2.associations import Actions
from podium.elbv2.records import Listener, LoadBalancer, Rule, TargetGroup
from podium.elbv2.rules import actions as rules
from podium.elbv2.rules import protocols
from podium.elbv2.rules.actions import Action, Given
from podium.store.session import Transaction


def checked(
    tx: Transaction, balancer: LoadBalancer, protocol: str, port: int, given: Sequence[Given]
) -> tuple[Action, ...]:
    """The actions, normalized, of a listener of the load balancer, whose target groups are there and go with it."""
    actions = rules.normalized(balancer.kind, protocol, port, given)
    compatible(tx, balancer, protocol, actions)
    return actions


def compatible(tx: Transaction, balancer: LoadBalancer, protocol: str, actions: Actions) -> None:
    for arn in associations.groups_in(actions):
        protocols.compatible(protocol, balancer, lookups.named(tx, balancer.home, TargetGroup, arn))


def unlisten(tx: Transaction, listener: Listener) -> None:
    """Delete a listener with its rules: its target groups and certificates are free again."""
    balancer = lookups.balancer_of(tx, listener)
    for rule in lookups.rules_of(tx, listener.arn):
        drop(tx, balancer, rule)
    associations.exchange(tx, listener.arn, balancer, listener.actions, ())
    acm.exchange(tx, listener.arn, listener.certificate_arns, ())
    tx.delete(listener)


def drop(tx: Transaction, balancer: LoadBalancer, rule: Rule) -> None:
    associations.exchange(tx, rule.arn, balancer, rule.actions, ())
    tx.delete(rule)
