"""Services whose deployments somebody else controls: their task sets, each at its share of the desired count."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from podium.ecs.controllers import rollouts, service_events
from podium.ecs.controllers.passes import Pass
from podium.ecs.lifecycle import AFTER_DEACTIVATING
from podium.ecs.records import Task, TaskSet, TaskStatus
from podium.ecs.rules import effects
from podium.ecs.scheduling import deployments, health, task_sets
from podium.store.records import replace


def step(this: Pass) -> datetime | None:
    """One pass over a service of controller EXTERNAL or CODE_DEPLOY. Returns when to look again."""
    moments: list[datetime | None] = []
    for task_set in this.tx.list(TaskSet, service_arn=this.service.arn):
        this, again = _one(replace(this, task_set_id=task_set.id), task_set)
        moments.append(again)
    this.tx.put(this.service)
    return min(filter(None, moments), default=None)


def _one(this: Pass, task_set: TaskSet) -> tuple[Pass, datetime | None]:
    ours = [t for t in this.tasks if t.started_by == task_set.id]
    this, task_set = _scored(this, task_set, ours)
    wanted = [t for t in ours if t.desired_status is TaskStatus.RUNNING]
    is_healthy = _healthy(this)
    order = this.order(task_set, task_sets.desired(this.service, task_set))
    leaving = this.leaving
    plan = task_sets.plan(this.service, task_set, wanted, this.now, is_healthy, this.protected, order, leaving)
    more = this.stop_unhealthy(plan.unhealthy)
    more = this.scale_in(plan.stop, f"Scaling activity initiated by (taskSet {task_set.id})") or more
    if task_set.status == "DRAINING":
        if not more and all(t.last_status in AFTER_DEACTIVATING for t in _ours(this, task_set)):
            this.tx.delete(task_set)
        return this, this.now if more else None
    missing, again = " ".join(effects.of_workload(task_set)), None
    if missing:
        this = this.tell_problem(f"was unable to place a task. Reason: {missing}") if plan.start else this
    else:
        held = Counter(t.capacity_provider for t in wanted if t.capacity_provider and t.arn not in leaving)
        this, again = this.start(task_set, task_set.id, plan.start, held, len(plan.unhealthy))
    steady = not missing and task_sets.steady(this.service, task_set, _ours(this, task_set), is_healthy, leaving)
    if steady and not task_set.steady:
        this.say(service_events.STEADY)
    if steady is not task_set.steady:
        this.tx.put(replace(task_set, steady=steady, steady_at=this.now))
    return this, min(filter(None, (this.now if more else again, _next_look(this, wanted))), default=None)


def _scored(this: Pass, task_set: TaskSet, ours: list[Task]) -> tuple[Pass, TaskSet]:
    """Starts that fail are put off as a service's are, each set's by itself: one that fails holds up no other."""
    if failed := rollouts.newly_failed(this.tx, ours):
        task_set = this.tx.put(rollouts.put_off(task_set, failed, ours, this.now, this.timing))
        if task_set.start_again_at is not None and task_set.start_again_at > this.now:
            this = this.tell_problem(service_events.THROTTLED)
    elif rollouts.has_recovered(task_set, ours):
        task_set = this.tx.put(deployments.recovered(task_set))
    return this, task_set


def _ours(this: Pass, task_set: TaskSet) -> list[Task]:
    """The set's tasks, as the pass leaves them."""
    return [t for t in this.tasks_now if t.started_by == task_set.id]


def _healthy(this: Pass) -> Callable[[Task], bool]:
    return lambda task: health.healthy(task, this.now, this.timing.healthy_after)


def _next_look(this: Pass, wanted: list[Task]) -> datetime | None:
    """When a task comes of age, or its grace period ends."""
    grace = timedelta(seconds=this.service.health_check_grace_seconds)
    ages = (this.timing.healthy_after, grace)
    moments = (t.started_at + age for t in wanted if t.started_at for age in ages)
    return min((m for m in moments if m > this.now), default=None)
