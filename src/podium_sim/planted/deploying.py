"""Wrong counts and wrong ends: rolling updates, the breaker, back-offs, bake times, daemons, task sets."""

from datetime import timedelta
from typing import Any

from podium.ecs.records import TaskStatus
from podium.store.records import replace
from podium_sim.planted.planting import Function, Planted

ROLLING = "podium.ecs.scheduling.rolling"
ROLLOUTS = "podium.ecs.controllers.rollouts"
PASSES = "podium.ecs.controllers.passes"


def _floor_rounded_down(right: Function) -> Function:
    def plan(service: Any, *given: Any, **more: Any) -> Any:
        count = max(1, service.desired_count)
        percent = (service.desired_count * service.minimum_healthy_percent // 100) * 100 // count
        return right(replace(service, minimum_healthy_percent=percent), *given, **more)

    return plan


def _ceiling_rounded_up(right: Function) -> Function:
    def plan(service: Any, *given: Any, **more: Any) -> Any:
        count = max(1, service.desired_count)
        ceiling = (service.desired_count * service.maximum_percent + 99) // 100
        percent = (ceiling * 100 + count - 1) // count
        return right(replace(service, maximum_percent=percent), *given, **more)

    return plan


def _one_too_many(right: Function) -> Function:
    def plan(service: Any, tasks: Any, *given: Any, **more: Any) -> Any:
        step = right(service, tasks, *given, **more)
        more_of_them = [t for t in tasks if t not in step.stop and t not in step.unhealthy]
        return replace(step, stop=(*step.stop, *more_of_them[:1])) if step.stop else step

    return plan


def _drained_at_once(right: Function) -> Function:
    def plan(service: Any, tasks: Any, now: Any, after: Any, leaving: Any = (), *given: Any, **more: Any) -> Any:
        step = right(service, tasks, now, after, leaving, *given, **more)
        gone = [t for t in tasks if t.arn in leaving and t not in step.stop and t not in step.unhealthy]
        return replace(step, stop=(*step.stop, *gone))

    return plan


def _starts_once_more(right: Function) -> Function:
    def plan(*given: Any, **more: Any) -> Any:
        step = right(*given, **more)
        return replace(step, start=step.start + 1) if step.start else step

    return plan


def _no_pause(right: Function) -> Function:
    def start(this: Any, workload: Any, *given: Any, **more: Any) -> Any:
        return right(this, replace(workload, start_again_at=None), *given, **more)

    return start


def _no_bake(right: Function) -> Function:
    def completed(tx: Any, ids: Any, service: Any, *given: Any) -> Any:
        after = right(tx, ids, replace(service, bake_minutes=0), *given)
        return replace(after, bake_minutes=service.bake_minutes)

    return completed


def _only_its_own(right: Function) -> Function:
    def conclude(tx: Any, ids: Any, service: Any, tasks: Any, *given: Any) -> Any:
        return right(tx, ids, service, [t for t in tasks if t.started_by == service.primary.id], *given[:2])

    return conclude


def _told_twice(right: Function) -> Function:
    def say(tx: Any, ids: Any, service: Any, tail: str, *more: Any) -> None:
        for _ in range(2 if tail.endswith("deployment completed.") else 1):
            right(tx, ids, service, tail, *more)

    return say


def _another_id(right: Function) -> Function:
    def roll_back(*given: Any) -> Any:
        service = right(*given)
        made = replace(service.primary, id=f"{service.primary.id}1")
        return replace(service, deployments=(made, *service.deployments[1:]))

    return roll_back


def _beside_what_stops(right: Function) -> Function:
    def homes(tasks: Any, *given: Any) -> Any:
        return right([t for t in tasks if t.desired_status is TaskStatus.RUNNING], *given)

    return homes


BUGS: tuple[Planted, ...] = (
    Planted("the floor is rounded down", f"{ROLLING}:plan", _floor_rounded_down),
    Planted("the ceiling is rounded up", f"{ROLLING}:plan", _ceiling_rounded_up),
    Planted("whoever is stopped takes one more along", f"{ROLLING}:plan", _one_too_many),
    Planted("what drains is stopped at once", f"{ROLLING}:plan", _drained_at_once),
    Planted(
        "old tasks that run and are not proved are sent away at once",
        f"{ROLLING}:_affordable",
        lambda right: (
            lambda service, going, tasks, well, sick, *given: right(
                service, going, tasks, well, {t.arn for t in going} - well, *given
            )
        ),
    ),
    Planted("one task too many is started", f"{ROLLING}:plan", _starts_once_more),
    Planted(
        "a task that runs counts as healthy",
        f"{ROLLING}:healthy",
        lambda right: lambda task, now, after: task.last_status is TaskStatus.RUNNING,
    ),
    Planted(
        "the grace period is not given",
        f"{ROLLING}:is_ill",
        lambda right: lambda service, task, now: right(replace(service, health_check_grace_seconds=0), task, now),
    ),
    Planted(
        "the breaker trips one failure late",
        "podium.ecs.scheduling.breaker:threshold_of",
        lambda right: lambda service: right(service) + 1,
    ),
    Planted(
        "the breaker trips one failure early",
        "podium.ecs.scheduling.breaker:threshold_of",
        lambda right: lambda service: max(1, right(service) - 1),
    ),
    Planted(
        "failures are counted twice",
        f"{ROLLOUTS}:_charge",
        lambda right: lambda service, failed, *given: right(service, [*failed, *failed], *given),
    ),
    Planted(
        "what a user stopped counts as failed",
        f"{ROLLOUTS}:_failed",
        lambda right: lambda task: task.last_status is TaskStatus.STOPPED and task.stop_code is not None,
    ),
    Planted(
        "pauses do not double", f"{ROLLOUTS}:pause", lambda right: lambda failed, timing: right(min(failed, 3), timing)
    ),
    Planted("the pause after failures is not made", f"{PASSES}:Pass.start", _no_pause),
    Planted("the bake time is left out", f"{ROLLOUTS}:_completed", _no_bake),
    Planted("a deployment is completed beside old tasks", f"{ROLLOUTS}:conclude", _only_its_own),
    Planted(
        "alarms are not watched for as long as they take",
        "podium.ecs.deployment_alarms:bake",
        lambda right: lambda tx, service, timing: timedelta(minutes=service.bake_minutes),
    ),
    Planted("a rollback is a deployment of its own", "podium.ecs.histories:roll_back", _another_id),
    Planted(
        "a rollback goes to whatever was before",
        f"{ROLLOUTS}:_last_good",
        lambda right: lambda service: next(iter(service.deployments[1:]), None),
    ),
    Planted("a completion is told twice", "podium.ecs.controllers.service_events:say", _told_twice),
    Planted("protection is not looked at", f"{PASSES}:Pass.protected", lambda right: lambda this: frozenset()),
    Planted(
        "protection ends a minute early",
        "podium.ecs.controllers.protections:ProtectionController.reconcile",
        lambda right: lambda this, tx, key, now: right(this, tx, key, now + timedelta(minutes=1)),
    ),
    Planted("a daemon starts beside one that stops", "podium.ecs.scheduling.everywhere:homes", _beside_what_stops),
    Planted(
        "a task set has one task too many",
        "podium.ecs.scheduling.task_sets:desired",
        lambda right: lambda service, task_set: right(service, task_set) + (task_set.status != "DRAINING"),
    ),
    Planted(
        "nobody looks again when a deadline comes",
        "podium.ecs.controllers.rollouts:next_look",
        lambda right: lambda *given: None,
    ),
)
