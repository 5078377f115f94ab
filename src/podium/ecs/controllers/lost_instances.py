"""Gives up the tasks of hosts that have been away for too long, and takes the hosts back when they return."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from podium.ecs import losses, names
from podium.ecs.controllers import service_events
from podium.ecs.losses import Doomed
from podium.ecs.records import ContainerInstance, Service, Stranger, Task
from podium.ecs.scheduling import losing
from podium.ecs.scheduling.losing import Patience
from podium.ecs.timing import Timing
from podium.kernel.ids import Ids
from podium.store.records import replace
from podium.store.session import Change, Transaction

MOST_AT_ONCE = 50  # tasks


class LostInstanceController:
    """Its keys are clusters. One host is given up in a turn, or some more of its tasks, so that no turn is long."""

    name = "ecs.lost-instances"
    kinds = (ContainerInstance, Stranger)

    def __init__(self, ids: Ids, timing: Timing, share: int, began: datetime) -> None:
        """`share` is the most of a cluster, in percent, that is given up within `lost_after`."""
        self._ids, self._patience = ids, None
        self._most_back: dict[str, datetime | None] = {}  # by cluster, where most hosts were away; None: they still are
        if timing.lost_after is not None:
            self._patience = Patience(lost_after=timing.lost_after, share=share, began=began)

    def keys(self, change: Change) -> Iterable[str]:
        if isinstance(change.after, ContainerInstance) and (_concerns(change.after) or _is_back(change)):
            yield change.after.cluster_arn
        elif change.kind is Stranger and change.after is None and change.before.lost:
            yield names.cluster_of_instance(change.before.container_instance_arn)  # on Fargate not the task's own

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return {i.cluster_arn for i in tx.list(ContainerInstance) if _concerns(i)}

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        instances = tx.list(ContainerInstance, cluster_arn=key)
        for instance in instances:
            if instance.lost_at is not None and losses.back(tx, instance):
                tx.put(replace(instance, lost_at=None, version=instance.version + 1))
        if self._patience is None:
            return None
        if any(self._lose_more(tx, instance, now) for instance in instances if _is_lost(instance)):
            return now
        plan = losing.plan(instances, self._patience, now, self._most_back.get(key))
        if plan.held:
            self._most_back[key] = None
        elif self._most_back.get(key, now) is None:
            self._most_back[key] = now
            return now  # to plan with that in mind
        if not plan.lose:
            return plan.look_again
        self._give_up(tx, plan.lose[0], now)
        return now

    def _give_up(self, tx: Transaction, instance: ContainerInstance, now: datetime) -> None:
        tx.put(replace(instance, lost_at=now, given_up_at=now, version=instance.version + 1))
        self._explain(tx, instance, losses.doomed(tx, instance), now)
        self._lose_more(tx, instance, now)

    def _lose_more(self, tx: Transaction, instance: ContainerInstance, now: datetime) -> bool:
        """Some of the tasks that a lost host still has on record. Whether there were any."""
        tasks = losses.doomed(tx, instance).tasks[:MOST_AT_ONCE]
        losses.declare(tx, instance, tasks, now)
        for service in _services(tx, tasks):
            theirs = [t for t in tasks if t.service_arn == service.arn]
            told = f"has lost {len(theirs)} tasks with their host: {service_events.named(theirs)}."
            service_events.say(tx, self._ids, service, told, now)
        return bool(tasks)

    def _explain(self, tx: Transaction, instance: ContainerInstance, found: Doomed, now: datetime) -> None:
        for task, volume in found.once_only:
            service = tx.get(Service, task.service_arn or "")
            if service is not None:
                service_events.say(tx, self._ids, service, losses.explained(task, volume, instance), now)


def _is_lost(instance: ContainerInstance) -> bool:
    return not instance.agent_connected and not instance.is_off and losing.is_lost(instance)


def _is_back(change: Change) -> bool:
    """With it, those that are away may be most of the cluster no more."""
    return change.before is not None and change.after.agent_connected and not change.before.agent_connected


def _concerns(instance: ContainerInstance) -> bool:
    return not instance.agent_connected or instance.lost_at is not None


def _services(tx: Transaction, tasks: Sequence[Task]) -> list[Service]:
    found = (tx.get(Service, arn) for arn in sorted({t.service_arn for t in tasks if t.service_arn is not None}))
    return [service for service in found if service is not None]
