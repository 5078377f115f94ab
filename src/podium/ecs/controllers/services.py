"""Keeps every service at its desired count, one pass at a time.

A pass looks at the service and its tasks, asks `scheduling`, and writes: failures counted,
tasks stopped, tasks started, the deployment's state, the event log. Nothing is remembered
between passes but the records.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

from podium.ecs import histories, limits
from podium.ecs.controllers import daemon_services, rebalancing, rollouts, service_events, task_sets
from podium.ecs.controllers.passes import BATCH, Pass
from podium.ecs.lifecycle import AFTER_DEACTIVATING
from podium.ecs.records import (
    Rollout,
    Service,
    ServiceDeployment,
    ServiceStatus,
    Task,
    TaskProtection,
    TaskSet,
    TaskStatus,
)
from podium.ecs.rules import effects
from podium.ecs.scheduling import deployments, rolling
from podium.ecs.timing import Timing
from podium.kernel.ids import Ids
from podium.store.records import replace
from podium.store.session import Change, Transaction


class ServiceController:
    name = "ecs.services"
    kinds = (Service, TaskSet, ServiceDeployment, Task, TaskProtection)

    def __init__(self, ids: Ids, timing: Timing, most_waiting: int = limits.AWS[limits.PROVISIONING]) -> None:
        """`most_waiting`: how many tasks of a cluster may wait PROVISIONING for capacity."""
        self._ids, self._timing, self._most_waiting = ids, timing, most_waiting
        self.holding = False  # set while the whole of Podium goes down: nothing is started any more

    def keys(self, change: Change) -> Iterable[str]:
        record = change.record
        if isinstance(record, Service):
            yield record.arn
        elif isinstance(record, TaskSet | ServiceDeployment | Task | TaskProtection) and record.service_arn:
            yield record.service_arn

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return [s.arn for s in tx.list(Service) if s.status is not ServiceStatus.INACTIVE]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        service = tx.get(Service, key)
        if service is None or service.status is ServiceStatus.INACTIVE:
            return None
        tasks = tx.list(Task, service_arn=key)
        wanted = [t for t in tasks if t.desired_status is TaskStatus.RUNNING]
        this = Pass(tx, self._ids, self._timing, service, tasks, wanted, now, self.holding, self._most_waiting)
        if service.status is ServiceStatus.DRAINING:
            return _drain(this)
        if service.controller != "ECS":
            return task_sets.step(this)
        histories.follow(tx, service, now)
        this = this.with_service(rollouts.obey(tx, self._ids, service, now))
        this = _explained(this)
        if effects.of_service(this.service):
            more = daemon_services.give_back(tx, service)
            again = _wait(this)
            return now if more else again
        if service.scheduling_strategy == "DAEMON":
            return daemon_services.step(this)
        return _step(this)


def _step(this: Pass) -> datetime | None:
    tx, now, timing = this.tx, this.now, this.timing
    this = this.with_service(rollouts.count_failures(tx, this.ids, this.service, this.tasks, now, timing))
    if this.service.primary.rollout is Rollout.IN_PROGRESS:
        histories.pin(tx, this.service, this.tasks)
    this = rebalancing.follow(this)
    order, besides = this.order(this.service, this.service.desired_count), len(this.service.moves)
    patience, away = timing.healthy_after, this.leaving
    step = rolling.plan(this.service, this.wanted, now, patience, away, this.protected, order, BATCH, besides)
    this.stop_unhealthy(step.unhealthy)
    this.scale_in(step.stop, deployments.scaling_reason(this.service))
    this, again = this.start(this.service, this.service.primary.id, step.start, _held(this, step, away), step.replaces)
    if step.stuck:
        this = this.tell_problem(service_events.STUCK)
    elif step.held_back and again is None:  # one problem a pass: two would be told in turns, for ever
        this = this.tell_problem(service_events.held_back(step.held_back, this.service.primary.id))
    settled = None if step.stop or step.unhealthy else step.settled
    if step.start:
        settled = False  # what is to start is not there, be it started now or put off
    after = rollouts.conclude(tx, this.ids, this.service, this.tasks_now, now, timing, settled)
    later = None
    if settled and after.steady:
        this, later = rebalancing.begin(this.with_service(after))
        after = this.service
    tx.put(after)
    moments = (now if step.more else again, later, rollouts.next_look(after, this.wanted, now, timing))
    return min(filter(None, moments), default=None)


def _held(this: Pass, step: rolling.Plan, leaving: Collection[str]) -> Counter[str]:
    """How many tasks of the newest deployment each capacity provider has, without those that go now or are `leaving`:
    what takes the place of one that drains is to be of the provider that lacks it then.
    """
    if not step.start or not this.service.capacity_provider_strategy:
        return Counter()
    going = {*leaving, *(t.arn for t in (*step.stop, *step.unhealthy))}
    ours = [t for t in this.wanted if t.started_by == this.service.primary.id and t.arn not in going]
    return Counter(t.capacity_provider for t in ours if t.capacity_provider)


def _wait(this: Pass) -> datetime | None:
    """The service needs something that Podium does not have: nothing is started, and it says what is missing."""
    service = this.service
    reason = deployments.scaling_reason(service)
    order = this.order(service, service.desired_count)
    surplus = rolling.surplus(service, this.wanted, this.now, this.timing.healthy_after, order, this.protected)
    more = this.scale_in(surplus, reason)
    missing = " ".join(effects.of_service(service))
    this = this.tell_problem(f"was unable to place a task. Reason: {missing}")
    this.tx.put(replace(this.service, steady=False))
    return this.now if more else None


def _explained(this: Pass) -> Pass:
    """The rollout's reason says what it waits for, for as long as it does."""
    primary = this.service.primary
    missing = " ".join(effects.of_service(this.service))
    if primary.rollout is not Rollout.IN_PROGRESS or primary.rolls_back:
        return this
    reason = deployments.in_progress(primary.id, missing)
    if primary.rollout_reason == reason:
        return this
    histories.explained(this.tx, primary, missing or None, this.now)
    primary = replace(primary, rollout_reason=reason, updated_at=this.now)
    return this.with_service(replace(this.service, deployments=(primary, *this.service.deployments[1:])))


def _drain(this: Pass) -> datetime | None:
    """A deleted service: stop everything; INACTIVE when all are stopping, which those that a load balancer lets go of
    are not yet. Its history goes with it.
    """
    more = daemon_services.give_back(this.tx, this.service)
    if this.scale_in(this.wanted, deployments.scaling_reason(this.service)) or more:
        return this.now
    if any(t.last_status not in AFTER_DEACTIVATING for t in this.tasks_now):
        return None
    histories.forget(this.tx, this.service.arn)
    for task_set in this.tx.list(TaskSet, service_arn=this.service.arn):
        this.tx.delete(task_set)
    this.tx.put(
        replace(this.service, status=ServiceStatus.INACTIVE, desired_count=0, deployments=(), stopped_at=this.now)
    )
    return None
