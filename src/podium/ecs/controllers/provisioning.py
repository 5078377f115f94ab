"""Places tasks that wait PROVISIONING for a capacity provider, the oldest first, when room may have appeared."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from podium.ecs import names, queueing, starting
from podium.ecs.records import Cluster, ContainerInstance, DaemonServiceReservation, QueuedTask, Task, TaskStatus
from podium.ecs.scheduling import launching, provisioning
from podium.ecs.scheduling.fitting import is_changed_by_placing
from podium.ecs.scheduling.provisioning import Waiting
from podium.kernel.ids import Ids
from podium.store.records import replace
from podium.store.session import Change, Transaction

MOST_TOGETHER = 50  # tasks, and kinds of tasks, that one turn looks at


class Holds(Protocol):
    holding: bool


class ProvisioningController:
    """Its keys are the clusters of hosts. A turn that did not come to the end of the queue goes on from there.

    When room may have appeared meanwhile, it begins with the oldest again as soon as the end is reached: not sooner, or
    those at the end would never have their turn in a busy cluster.
    """

    name = "ecs.provisioning"
    kinds = (QueuedTask, ContainerInstance, DaemonServiceReservation, Cluster, Task)

    def __init__(self, services: Holds, ids: Ids) -> None:
        self._services, self._ids = services, ids
        self._passed: dict[str, str] = {}  # how far the last turn came; forgotten, it begins with the oldest again
        self._news: set[str] = set()  # clusters in which room may have appeared since their queue was begun
        self._neighborly: set[str] = set()  # clusters where somebody waits for what tasks are on an instance

    def keys(self, change: Change) -> Iterable[str]:
        if isinstance(change.after, QueuedTask):
            yield change.after.hosts_arn
            return
        cluster = _where_room_appears(change)
        if cluster is None and self._neighborly and (moved := _where_tasks_differ(change)) in self._neighborly:
            cluster = moved
        if cluster is not None:
            self._news.add(cluster)
            yield cluster

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return {queued.hosts_arn for queued in tx.list(QueuedTask)}

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        queue = sorted(queueing.there(tx, hosts_arn=key), key=_place)  # the oldest first
        if not queue or self._services.holding:
            self._passed.pop(key, None)
            self._news.discard(key)
            self._neighborly.discard(key)
            return None
        if key not in self._passed:
            self._news.discard(key)
            self._neighborly.discard(key)
        rest = [w for w in queue if _place(w) > self._passed.get(key, "")]
        looked = 0
        for batch in provisioning.batches(rest, MOST_TOGETHER):
            if looked >= MOST_TOGETHER:
                return now
            if self._try(tx, batch, now):
                self._neighborly.add(key)
            looked += len(batch)
            self._passed[key] = _place(batch[-1])
        del self._passed[key]
        return now if key in self._news else None

    def _try(self, tx: Transaction, batch: Sequence[Waiting], now: datetime) -> bool:
        """Whether any of the batch goes on waiting, for what tasks are on an instance among other things."""
        wish = queueing.wish(tx, [task for task, _ in batch], batch[0][1])
        if wish is None:
            return False
        found = starting.seats(tx, wish, self._ids.below)
        launches = starting.in_zones(tx, wish.launch, len(found.taken), self._ids.below)
        for (task, queued), own, (room, _) in zip(batch, launches, found.taken, strict=False):
            tx.put(launching.placed(task, own, room, self._ids, now))
            tx.delete(queued)
        lacks = provisioning.lacks(found.misses)
        rest = batch[len(found.taken) :]
        for task, _ in rest:
            tx.put(replace(task, waits_for=lacks))
        needs = wish.launch.needs
        return bool(rest) and (needs.distinct or is_changed_by_placing(needs))


def _where_room_appears(change: Change) -> str | None:
    """The cluster of hosts in which more may fit after the change; None where there is none."""
    after, before = change.after, change.before
    if isinstance(after, ContainerInstance):
        return after.cluster_arn
    if isinstance(before, DaemonServiceReservation):
        return names.cluster_of_instance(before.container_instance_arn)
    if isinstance(after, Cluster) and before is not None and before.capacity_providers != after.capacity_providers:
        return after.arn
    if isinstance(after, Task) and after.last_status is TaskStatus.STOPPED and after.container_instance_arn:
        return names.cluster_of_instance(after.container_instance_arn)
    return None


def _where_tasks_differ(change: Change) -> str | None:
    """The cluster of hosts in which a task came to an instance, came to run or ceased to, or was asked to stop."""
    after, before = change.after, change.before
    if not isinstance(after, Task) or after.container_instance_arn is None:
        return None
    if before is not None and _as_neighbors_see(before) == _as_neighbors_see(after):
        return None
    return names.cluster_of_instance(after.container_instance_arn)


def _as_neighbors_see(task: Task) -> tuple[str | None, bool, TaskStatus]:
    return task.container_instance_arn, task.last_status is TaskStatus.RUNNING, task.desired_status


def _place(waiting: Waiting) -> str:
    return f"{waiting[1].since.isoformat()} {waiting[1].arn}"
