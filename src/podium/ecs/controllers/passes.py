"""What one pass over a service works with, and the steps that every kind of service has in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from podium.ecs import lifecycle, limits, losses, queueing, starting, workloads
from podium.ecs.controllers import letting_go, service_events
from podium.ecs.records import (
    ContainerInstance,
    InstanceStatus,
    Service,
    StopCode,
    Task,
    TaskProtection,
    TaskSet,
    TaskStatus,
)
from podium.ecs.scheduling import health, launching, placement, scaling_in
from podium.ecs.timing import Timing
from podium.kernel.ids import Ids
from podium.store.records import replace
from podium.store.session import Transaction

NOBODY: frozenset[str] = frozenset()
BATCH = 50  # tasks that one pass starts, or stops: the core has others to serve


@dataclass(frozen=True, slots=True)
class Pass:
    """`wanted` are the service's tasks whose desired status is RUNNING.

    `task_set_id` names the task set that the pass is at, if it is at one.
    """

    tx: Transaction
    ids: Ids
    timing: Timing
    service: Service
    tasks: Sequence[Task]
    wanted: Sequence[Task]
    now: datetime
    holding: bool = False  # nothing is started
    most_waiting: int = limits.AWS[limits.PROVISIONING]  # PROVISIONING in a cluster
    task_set_id: str = ""

    @property
    def tasks_now(self) -> Sequence[Task]:
        """The service's tasks with all that the pass has written so far."""
        ours = (c.after for c in self.tx.changes if c.kind is Task and c.record.service_arn == self.service.arn)
        written = {task.arn: task for task in ours}
        return [*(written.pop(t.arn, t) for t in self.tasks), *written.values()] if written else self.tasks

    @property
    def leaving(self) -> frozenset[str]:
        """Tasks whose instance drains."""
        draining = {i.arn for i in self.tx.list(ContainerInstance, status=InstanceStatus.DRAINING)}
        return frozenset(t.arn for t in self.wanted if t.container_instance_arn in draining) if draining else NOBODY

    @property
    def protected(self) -> frozenset[str]:
        """Tasks that neither a scale-in nor a deployment may stop now."""
        found = self.tx.list(TaskProtection, service_arn=self.service.arn)
        return frozenset(p.arn for p in found if p.expires_at > self.now)

    def order(self, workload: Service | TaskSet, desired: int) -> scaling_in.Order:
        return letting_go.order(self.tx, self.service, workload, desired)

    def with_service(self, service: Service) -> "Pass":
        return replace(self, service=service)

    def say(self, tail: str) -> None:
        service_events.say(self.tx, self.ids, self.service, tail, self.now, self.task_set_id)

    def tell_problem(self, tail: str) -> "Pass":
        return self.tell(service_events.Problem(tail, tail))

    def tell(self, problem: service_events.Problem) -> "Pass":
        """Say it once, and again only when its cause is another or after six hours."""
        service, told = self.service, self.service.problem_at
        recent = told is not None and told + service_events.SAID_AGAIN_AFTER > self.now
        if recent and service.problem == problem.cause:
            return self
        self.say(problem.tail)
        return self.with_service(replace(service, problem=problem.cause, problem_at=self.now))

    def stop(self, tasks: Sequence[Task], reason: str) -> None:
        for task in tasks:
            self.tx.put(lifecycle.asked_to_stop(task, StopCode.SERVICE_SCHEDULER_INITIATED, reason, self.now))

    def scale_in(self, tasks: Sequence[Task], reason: str) -> bool:
        """Stop them, a batch in a pass. Whether there are more."""
        more, tasks = len(tasks) > BATCH, tasks[:BATCH]
        self.stop(tasks, reason)
        running = [t for t in tasks if t.last_status is TaskStatus.RUNNING]
        if running:
            self.say(service_events.stopped(running))
        if len(running) < len(tasks):
            self.say(f"stopped {len(tasks) - len(running)} pending tasks.")
        return more

    def stop_unhealthy(self, tasks: Sequence[Task]) -> bool:
        """Stop them, a batch in a pass. Whether there are more."""
        more, tasks = len(tasks) > BATCH, tasks[:BATCH]
        for task in tasks:
            self.stop([task], health.stopped_for(task))
            self.say(service_events.unhealthy(task))
        return more

    def launch(self, workload: Service | TaskSet, started_by: str) -> launching.Launch:
        return workloads.launch(self.tx, self.service, workload, started_by)

    def start(
        self, workload: Service | TaskSet, started_by: str, count: int, held: Mapping[str, int], replaced: int = 0
    ) -> tuple["Pass", datetime | None]:
        """Start what there is room for, a batch at a time. Returns when to look again for the rest."""
        service = self.service
        if count == 0 or self.holding:
            return self, None
        if workload.start_again_at is not None and workload.start_again_at > self.now:
            return self, workload.start_again_at
        launch = self.launch(workload, started_by)
        if refusal := self.refused(launch):
            return refusal
        if (writer := losses.still_writing(self.tx, launch.definition, self.tasks)) is not None:
            return self.tell_problem(losses.held_back(writer)), self.now + self.timing.place_again_after
        wish = starting.Wish(
            launch=launch,
            count=min(count, BATCH),
            providers=workload.capacity_provider_strategy,
            held=held,
            strategy=service.placement_strategy or placement.DEFAULT_SPREAD,
        )
        found = starting.seats(self.tx, wish, self.ids.below)
        launches = starting.in_zones(self.tx, launch, len(found.taken), self.ids.below)
        made = [self.task(own, *seat) for own, seat in zip(launches, found.taken, strict=True)]
        scaled = [p for p in found.unseated if p is not None and queueing.is_managed(self.tx, service.home, p)]
        queued, refused = queueing.queued(self.tx, wish, scaled, self.most_waiting, self.ids, self.now)
        self.started([self.tx.put(task) for task in (*made, *queued)], replaced)
        again = self.now + self.timing.place_again_after
        if refused:
            return self.tell_problem(service_events.PROVISIONING_LIMIT), again
        if len(queued) == len(found.unseated):
            return self, self.now if count > BATCH else None
        return self.tell(service_events.no_place(found.misses, found.unseated[0], launch.launch_type)), again

    def refused(self, launch: launching.Launch) -> tuple["Pass", datetime] | None:
        """None when the cluster takes the tasks to start and ECS may assume their roles; else when to look again."""
        refusal = workloads.refusal(self.tx, launch)
        if refusal is None:
            return None
        told = self.tell_problem(service_events.not_launched(refusal))
        again = self.now + self.timing.place_again_after
        return told.with_service(_not_launched(told.service, again, self.now)), again

    def task(self, launch: launching.Launch, site: placement.Site, provider: str | None = None) -> Task:
        return launching.task(launch, site, self.ids, self.now, provider)

    def started(self, tasks: Sequence[Task], replaced: int = 0) -> None:
        if tasks:
            self.say(service_events.started(tasks, replaced))


def _not_launched(service: Service, again: datetime, now: datetime) -> Service:
    """One more failure of the deployment, which tries again at `again` and no sooner."""
    service = replace(service, start_again_at=again)
    if not service.deployments:
        return service
    primary = replace(service.primary, failed_tasks=service.primary.failed_tasks + 1, updated_at=now)
    return replace(service, deployments=(primary, *service.deployments[1:]))
