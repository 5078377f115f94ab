"""Services of the DAEMON strategy: one task on every instance that may have it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from podium.ecs import histories, starting
from podium.ecs.controllers import rollouts, service_events
from podium.ecs.controllers.passes import BATCH, Pass
from podium.ecs.records import ContainerInstance, DaemonServiceReservation, InstanceStatus, Rollout, Service
from podium.ecs.scheduling import deployments, everywhere, health, launching
from podium.ecs.scheduling.placement import Room
from podium.store.records import replace
from podium.store.session import Change, Transaction

MOST_KEPT = 500  # reservations that one pass writes, or takes away


class Reconciler(Protocol):
    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None: ...


def step(this: Pass) -> datetime | None:
    """One pass. The desired count follows the instances. Returns when to look again."""
    tx, now, timing = this.tx, this.now, this.timing
    if this.service.primary.rollout is Rollout.IN_PROGRESS:
        histories.pin(tx, this.service, this.tasks)
    launch = this.launch(this.service, this.service.primary.id)
    rooms = starting.rooms_for(tx, launch)
    homes = everywhere.homes(this.tasks, rooms, launch.needs)
    before = replace(this.service, desired_count=len(homes.eligible))  # by which the breaker judges
    service = rollouts.count_failures(tx, this.ids, before, this.tasks, now, timing)
    this = this.with_service(service)
    if service.primary.id != before.primary.id:  # it rolls back: to another definition, and maybe to other instances
        tx.put(service)
        return now
    plan = everywhere.plan(
        service,
        this.tasks,
        rooms,
        homes,
        launch.needs,
        lambda task: health.healthy(task, now, timing.healthy_after),
        lambda task: health.is_ill(service, task, now),
        _daemons(this, rooms),
    )
    if misplaced := [t for t in plan.stop[:BATCH] if t in plan.misplaced]:
        this.say(service_events.misplaced(misplaced))
    more = this.stop_unhealthy(plan.unhealthy)
    more = this.scale_in(plan.stop, deployments.scaling_reason(this.service)) or more
    this, again = _start(this, launch, plan)
    more = _keep(tx, service.arn, everywhere.reservations(service, this.tasks_now, homes.suited, launch.needs)) or more
    if more:
        again = now
    elif len(plan.start) > BATCH and not this.holding:
        again = again or now
    if plan.waits:
        again = again or now + timing.place_again_after
    after = rollouts.conclude(tx, this.ids, this.service, this.tasks_now, now, timing)
    tx.put(after)
    return min(filter(None, (again, rollouts.next_look(after, this.wanted, now, timing))), default=None)


def give_back(tx: Transaction, service: Service) -> bool:
    """Nothing is to be kept for its tasks any more. Whether there is more to give back."""
    return service.scheduling_strategy == "DAEMON" and _keep(tx, service.arn, {})


def _keep(tx: Transaction, service_arn: str, wanted: Mapping[str, DaemonServiceReservation]) -> bool:
    """Bring what is kept for the service to what is `wanted`, many in a pass. Whether there is more to do."""
    had = {one.arn: one for one in tx.list(DaemonServiceReservation, service_arn=service_arn)}
    gone = [one for arn, one in had.items() if arn not in wanted]
    new = [one for arn, one in wanted.items() if had.get(arn) != one]
    for one in gone[:MOST_KEPT]:
        tx.delete(one)
    for one in new[:MOST_KEPT]:
        tx.put(one)
    return max(len(gone), len(new)) > MOST_KEPT


def _daemons(this: Pass, rooms: Sequence[Room]) -> frozenset[str]:
    """The groups of the cluster's DAEMON services, where an instance drains; otherwise nobody asks."""
    if all(room.instance.status is not InstanceStatus.DRAINING for room in rooms):
        return frozenset()
    found = this.tx.list(Service, cluster_arn=this.service.cluster_arn, scheduling_strategy="DAEMON")
    return frozenset(f"service:{service.name}" for service in found)


def _start(this: Pass, launch: launching.Launch, plan: everywhere.Plan) -> tuple[Pass, datetime | None]:
    service = this.service
    if this.holding:
        return this, None
    if plan.start and service.start_again_at is not None and service.start_again_at > this.now:
        return this, service.start_again_at
    if plan.start and (refusal := this.refused(launch)):
        return refusal
    this.started([this.tx.put(this.task(launch, room.site(launch.needs))) for room in plan.start[:BATCH]])
    if not plan.misses:
        return this, None
    problem = service_events.no_place(plan.misses, None, launch.launch_type)
    return this.tell(problem), this.now + this.timing.place_again_after


class DaemonServiceController:
    """An instance comes, goes or changes: the DAEMON services of its cluster are looked at."""

    name = "ecs.daemon-services"
    kinds = (ContainerInstance,)

    def __init__(self, services: Reconciler) -> None:
        self._services = services

    def keys(self, change: Change) -> Iterable[str]:
        if isinstance(change.record, ContainerInstance):
            yield change.record.cluster_arn

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return ()  # a full look at the services finds the same

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        daemons = tx.list(Service, cluster_arn=key, scheduling_strategy="DAEMON")
        again = [self._services.reconcile(tx, service.arn, now) for service in daemons]
        return min(filter(None, again), default=None)
