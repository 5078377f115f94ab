"""The alarms that watch a service's deployments.

Source: Amazon ECS Developer Guide, "How CloudWatch alarms detect Amazon ECS deployment failures".
"""

from collections.abc import Sequence
from datetime import timedelta

from podium import cloudwatch
from podium.ecs.errors import InvalidParameter
from podium.ecs.records import Service
from podium.ecs.timing import Timing
from podium.store.session import Transaction


def names(service: Service) -> Sequence[str]:
    """Of the alarms that count; none while they are not enabled."""
    alarms = service.alarms or {}
    return alarms.get("alarmNames") or () if alarms.get("enable") else ()


def check(tx: Transaction, service: Service) -> None:
    """Raises InvalidParameter for names that no alarm of the service's region has."""
    missing = [name for name in names(service) if cloudwatch.alarm(tx, service.home, name) is None]
    if missing:
        raise InvalidParameter(f"The following CloudWatch alarms do not exist: {', '.join(missing)}")


def firing(tx: Transaction, service: Service) -> tuple[str, ...]:
    """Those in the state ALARM. An alarm that was deleted, or has too little data, is no failure."""
    found = ((name, cloudwatch.alarm(tx, service.home, name)) for name in names(service))
    return tuple(name for name, alarm in found if alarm is not None and alarm.state is cloudwatch.StateValue.ALARM)


def bake(tx: Transaction, service: Service, timing: Timing) -> timedelta:
    """How long a deployment is watched after its tasks are healthy and the old ones gone.

    As long as the slowest alarm takes to judge, within what `timing` says. AWS computes it too, and does not say how.
    Alarms do not watch a rollback, which is seen to be one for as long as a task takes to be healthy.
    """
    if service.primary.rolls_back:
        return max(timedelta(minutes=service.bake_minutes), timing.healthy_after)
    watching = names(service)
    watched = [cloudwatch.alarm(tx, service.home, name) for name in watching]
    spans = [timedelta(seconds=alarm.span_seconds) for alarm in watched if alarm is not None]
    own = timedelta(minutes=service.bake_minutes)
    if not spans:
        return own
    return max(own, min(max(*spans, timing.alarms_bake_least), timing.alarms_bake_most))
