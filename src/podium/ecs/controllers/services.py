"""Keeps every service at its desired count, one pass at a time.

A pass looks at the service and its tasks, asks `scheduling`, and writes: failures counted,
tasks stopped, tasks started, the deployment's state, the event log. Nothing is remembered
between passes but the records.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from podium.ecs import lifecycle, names
from podium.ecs.controllers import rollouts, service_events
from podium.ecs.records import (
    ContainerInstance,
    Service,
    ServiceStatus,
    StopCode,
    Task,
    TaskDefinition,
    TaskStatus,
)
from podium.ecs.scheduling import deployments, launching, placement, rolling
from podium.ecs.timing import Timing
from podium.kernel.ids import Ids
from podium.store.session import Change, Transaction

HARDEST_FIRST = ("RESOURCE:PORTS", "RESOURCE:MEMORY", "RESOURCE:CPU", "ATTRIBUTE", "AGENT", "INACTIVE")


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass works with."""

    tx: Transaction
    service: Service
    tasks: Sequence[Task]
    now: datetime

    @property
    def wanted(self) -> list[Task]:
        return [t for t in self.tasks if t.desired_status is TaskStatus.RUNNING]

    def with_service(self, service: Service) -> "Pass":
        return replace(self, service=service)


class ServiceController:
    name = "ecs.services"

    def __init__(self, ids: Ids, timing: Timing) -> None:
        self._ids, self._timing = ids, timing
        self.holding = False  # set while the whole of Podium goes down: nothing is started any more

    def keys(self, change: Change) -> Iterable[str]:
        record = change.record
        if isinstance(record, Service):
            yield record.arn
        elif isinstance(record, Task) and record.service_arn:
            yield record.service_arn

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return [s.arn for s in tx.list(Service) if s.status is not ServiceStatus.INACTIVE]

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        service = tx.get(Service, key)
        if service is None or service.status is ServiceStatus.INACTIVE:
            return None
        this = Pass(tx, service, tx.list(Task, service_arn=key), now)
        if service.status is ServiceStatus.DRAINING:
            self._drain(this)
            return None
        this = this.with_service(rollouts.count_failures(tx, self._ids, service, this.tasks, now, self._timing))
        step = rolling.plan(this.service, this.wanted, now, self._timing.healthy_after)
        self._stop(this, step)
        this, again = self._start(this, step)
        if step.stuck:
            this = self._tell_problem(this, service_events.STUCK)
        after = rollouts.conclude(tx, self._ids, this.service, tx.list(Task, service_arn=key), now, self._timing)
        tx.put(after)
        return min(filter(None, (again, rollouts.next_look(after, this.wanted, now, self._timing))), default=None)

    def _drain(self, this: Pass) -> None:
        """A deleted service: stop everything; INACTIVE when all are stopping."""
        reason = deployments.scaling_reason(this.service)
        for task in this.wanted:
            this.tx.put(lifecycle.asked_to_stop(task, StopCode.SERVICE_SCHEDULER_INITIATED, reason, this.now))
        if this.wanted:
            service_events.say(this.tx, self._ids, this.service, service_events.stopped(this.wanted), this.now)
        this.tx.put(
            replace(this.service, status=ServiceStatus.INACTIVE, desired_count=0, deployments=(), stopped_at=this.now)
        )

    def _stop(self, this: Pass, step: rolling.Plan) -> None:
        for tasks, reason in (
            (step.stop, deployments.scaling_reason(this.service)),
            (step.unhealthy, rollouts.UNHEALTHY),
        ):
            for task in tasks:
                this.tx.put(lifecycle.asked_to_stop(task, StopCode.SERVICE_SCHEDULER_INITIATED, reason, this.now))
        for task in step.unhealthy:
            tail = f"(task {names.task_id(task.arn)}) failed container health checks."
            service_events.say(this.tx, self._ids, this.service, tail, this.now)
        if step.stop:
            service_events.say(this.tx, self._ids, this.service, service_events.stopped(step.stop), this.now)

    def _start(self, this: Pass, step: rolling.Plan) -> tuple[Pass, datetime | None]:
        """Start what the plan says, as far as there is room. Returns when to look again for the rest."""
        service = this.service
        if step.start == 0 or self.holding:
            return this, None
        if service.start_again_at is not None and service.start_again_at > this.now:
            return this, service.start_again_at
        launch = self._launch(this)
        instances = this.tx.list(ContainerInstance, cluster_arn=service.cluster_arn)
        rooms = placement.rooms(instances, this.tx.list(Task, cluster_arn=service.cluster_arn))
        strategy = service.placement_strategy or placement.DEFAULT_SPREAD
        placed = placement.place(launching.requirements(launch), step.start, rooms, strategy, self._ids.below)
        tasks = [this.tx.put(launching.task(launch, room, self._ids, this.now)) for room in placed.rooms]
        if tasks:
            tail = service_events.started(tasks, len(step.unhealthy))
            service_events.say(this.tx, self._ids, service, tail, this.now)
        if len(tasks) == step.start:
            return this, None
        again = this.now + self._timing.place_again_after
        return self._tell_problem(this, _no_place(placed.misses)), again

    def _launch(self, this: Pass) -> launching.Launch:
        service = this.service
        definition = this.tx.get(TaskDefinition, service.primary.task_definition_arn)
        assert definition is not None, "a service's task definition is never deleted before the service"
        inherited = {"SERVICE": service.tags, "TASK_DEFINITION": definition.tags}.get(service.propagate_tags, {})
        cluster_name = names.cluster_name(service.cluster_arn)
        managed = launching.managed_tags(service.enable_ecs_managed_tags, cluster_name, service.name)
        return launching.Launch(
            cluster_arn=service.cluster_arn,
            definition=definition,
            group=f"service:{service.name}",
            launch_type=service.launch_type,
            service_arn=service.arn,
            started_by=service.primary.id,
            tags={**inherited, **managed},
            distinct=any(c["type"] == "distinctInstance" for c in service.placement_constraints),
        )

    def _tell_problem(self, this: Pass, tail: str) -> Pass:
        """Say it once, and again only when it changes or after six hours."""
        service, now = this.service, this.now
        told = service.problem_at
        if service.problem == tail and told is not None and told + service_events.SAID_AGAIN_AFTER > now:
            return this
        service_events.say(this.tx, self._ids, service, tail, now)
        return this.with_service(replace(service, problem=tail, problem_at=now))


def _no_place(misses: Sequence[placement.Miss]) -> str:
    if not misses:
        return service_events.NO_INSTANCES
    rank = {reason: n for n, reason in enumerate(HARDEST_FIRST)}
    closest = min(misses, key=lambda m: rank.get(m.reason, len(rank)))
    return service_events.no_room(closest.instance_arn, closest.reason)
