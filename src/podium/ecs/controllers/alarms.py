"""An alarm changes its state: the services whose deployments it watches are looked at."""

from collections.abc import Iterable
from datetime import datetime

from podium.cloudwatch import MetricAlarm
from podium.ecs import deployment_alarms
from podium.ecs.controllers.services import ServiceController
from podium.ecs.records import Service, ServiceStatus
from podium.store.session import Change, Transaction


class AlarmController:
    name = "ecs.alarms"
    kinds = (MetricAlarm,)

    def __init__(self, services: ServiceController) -> None:
        self._services = services

    def keys(self, change: Change) -> Iterable[str]:
        if isinstance(change.after, MetricAlarm) and (
            change.before is None or change.before.state is not change.after.state
        ):
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return ()  # a full look at the services finds the same

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        alarm = tx.get(MetricAlarm, key)
        if alarm is None:
            return None
        services = [s for s in tx.list(Service, home=alarm.home) if s.status is ServiceStatus.ACTIVE]
        watched = [s for s in services if alarm.name in deployment_alarms.names(s)]
        again = [self._services.reconcile(tx, service.arn, now) for service in watched]
        return min(filter(None, again), default=None)
