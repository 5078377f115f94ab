"""An instance begins or ends to drain: the services that have tasks there are looked at.

Source: Amazon ECS Developer Guide, "Draining Amazon ECS container instances".
"""

from collections.abc import Iterable
from datetime import datetime

from podium.ecs.controllers.services import ServiceController
from podium.ecs.records import ContainerInstance, Task
from podium.store.session import Change, Transaction


class DrainingController:
    name = "ecs.draining"
    kinds = (ContainerInstance,)

    def __init__(self, services: ServiceController) -> None:
        self._services = services

    def keys(self, change: Change) -> Iterable[str]:
        before, after = change.before, change.after
        if isinstance(before, ContainerInstance) and after is not None and before.status is not after.status:
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return ()  # a full look at the services finds the same

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        services = {t.service_arn for t in tx.list(Task, container_instance_arn=key)}
        again = [self._services.reconcile(tx, arn, now) for arn in sorted(filter(None, services))]
        return min(filter(None, again), default=None)
