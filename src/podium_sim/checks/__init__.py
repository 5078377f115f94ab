"""The laws of the world. Each is a small function of one change on disk that says what is broken, if anything."""

from typing import Any

from podium import ec2
from podium.ecs.records import (
    ContainerInstance,
    Service,
    ServiceDeployment,
    ServiceEvent,
    Task,
    TaskDefinition,
    TaskProtection,
)
from podium_sim.checks import counting, deploying, living, losing, moments, placing
from podium_sim.checks.sight import Check, Sight

CHECKS: tuple[Check, ...] = (
    *placing.CHECKS,
    *counting.CHECKS,
    *deploying.CHECKS,
    *moments.CHECKS,
    *living.CHECKS,
    *losing.CHECKS,
)
ABOUT: dict[type[Any], frozenset[Check]] = {
    Service: frozenset(
        {
            deploying.fails_for_an_alarm_that_rings,
            deploying.breaker_trips_at_its_threshold,
            deploying.failures_are_counted_once,
            deploying.rolls_back_to_the_last_good,
            deploying.completed_when_whole,
            moments.bakes_long_enough,
            moments.pauses_double,
            living.arcs_are_known,
        }
    ),
    ContainerInstance: frozenset(
        {losing.given_up_late_and_few_at_a_time, losing.taken_back_when_empty, living.arcs_are_known}
    ),
    ServiceEvent: frozenset({deploying.told_once, deploying.log_is_not_flooded}),
    ServiceDeployment: frozenset({moments.forgotten_in_time, living.arcs_are_known}),
    TaskDefinition: frozenset({moments.forgotten_in_time, moments.definition_is_not_in_use, living.arcs_are_known}),
    TaskProtection: frozenset({moments.protection_lasts, living.arcs_are_known}),
    ec2.NetworkInterface: frozenset({living.addresses_are_apart, living.interfaces_go_with_their_tasks}),
}
"""Kinds of records of which few laws speak. Of a task nearly all do."""


OF_TASKS_TOO = frozenset({living.arcs_are_known, moments.forgotten_in_time})
_ELSEWHERE = {check for checks in ABOUT.values() for check in checks} - OF_TASKS_TOO
_BY_KIND: dict[type[Any], tuple[Check, ...]] = {
    Task: tuple(check for check in CHECKS if check not in _ELSEWHERE),
    **{kind: tuple(check for check in CHECKS if check in checks) for kind, checks in ABOUT.items()},
}
_ANY = (living.arcs_are_known, living.strangers_are_known)


def checks_of(kind: type[Any]) -> tuple[Check, ...]:
    return _BY_KIND.get(kind, _ANY)


__all__ = ["CHECKS", "Check", "Sight", "checks_of"]
