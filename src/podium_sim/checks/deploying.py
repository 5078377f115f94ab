"""How deployments end: by the breaker's count, to the last good revision, and each once."""

import re
from collections.abc import Iterator
from datetime import timedelta

from podium.cloudwatch import MetricAlarm
from podium.ecs.records import (
    Deployment,
    Rollout,
    Service,
    ServiceEvent,
    StopCode,
    Task,
    TaskStatus,
)
from podium_sim.checks.sight import UNHEALTHY, Check, Sight, is_healthy, short

ONCE = (" deployment completed.", " deployment failed: tasks failed to start.")
ROLLING_BACK = re.compile(r"rolling back to deployment (\S+)\.$")
FLOOD, FLOOD_WITHIN = 8, timedelta(seconds=30)
TRIPPED = "ECS deployment circuit breaker: tasks failed to start."


def breaker_trips_at_its_threshold(sight: Sight) -> Iterator[str]:
    """A breaker fails a deployment when so many tasks of it failed, not one earlier and not one later."""
    before, after = sight.change.before, sight.change.after
    if not isinstance(before, Service) or not isinstance(after, Service) or not after.circuit_breaker:
        return
    threshold = _threshold(after)
    was = {d.id: d for d in before.deployments}
    for deployment in after.deployments:
        old = was.get(deployment.id)
        if old is None or old.rollout is not Rollout.IN_PROGRESS:
            continue
        over = deployment.failed_tasks >= threshold
        tripped = deployment.rollout is Rollout.FAILED and deployment.rollout_reason == TRIPPED
        goes_on = deployment.rollout is Rollout.IN_PROGRESS and deployment.status == "PRIMARY"
        if tripped and not over:
            yield f"{after.name}: the breaker tripped after {deployment.failed_tasks} failures of {threshold}"
        if goes_on and over and deployment.failed_tasks > old.failed_tasks:
            yield f"{after.name}: {deployment.failed_tasks} failures of {threshold} did not trip the breaker"


def _threshold(service: Service) -> int:
    """By the table of the guide: half of the desired count rounded up, at least 3, at most 200."""
    value, kind = service.circuit_breaker_value, service.circuit_breaker_type
    if kind == "COUNT":
        return value
    share = (service.desired_count * value + 99) // 100
    return min(200, max(3, share)) if kind == "BOUNDED_PERCENT" else max(1, share)


def fails_for_an_alarm_that_rings(sight: Sight) -> Iterator[str]:
    """A deployment fails for an alarm only if one that watches it rings."""
    before, after = sight.change.before, sight.change.after
    if not isinstance(before, Service) or not isinstance(after, Service):
        return
    was = {d.id: d.rollout for d in before.deployments}
    failed = [d for d in after.deployments if d.rollout is Rollout.FAILED and was.get(d.id) is Rollout.IN_PROGRESS]
    rings = {a.name for a in sight.shadow.all(MetricAlarm).values() if str(a.state) == "ALARM"}
    watching = rings & set((after.alarms or {}).get("alarmNames") or ())
    if any("alarm detected" in d.rollout_reason for d in failed) and not watching:
        yield f"{after.name}: a deployment failed for an alarm, and none that watches it rings"


def failures_are_counted_once(sight: Sight) -> Iterator[str]:
    """A deployment's failed tasks are no more than its tasks that failed, those that are forgotten among them.

    A clock that jumps an hour ahead and back has had tasks forgotten that stopped a moment ago.
    """
    after = sight.change.after
    if not isinstance(after, Service) or not after.deployments:
        return
    primary = after.deployments[0]
    failed = sight.shadow.failures_of(after.arn, primary.id)
    if primary.failed_tasks > failed:
        yield f"{after.name}: {primary.failed_tasks} failures are counted, and {failed} tasks failed"


def only_failures_count(sight: Sight) -> Iterator[str]:
    """A task counts as failed when it stopped without having run, or for ill health."""
    before, after = sight.change.before, sight.change.after
    if not isinstance(before, Task) or not isinstance(after, Task) or before.counted_failed or not after.counted_failed:
        return
    never_ran = after.started_at is None and after.stop_code is StopCode.TASK_FAILED_TO_START
    if after.last_status is not TaskStatus.STOPPED or not (never_ran or after.stopped_reason == UNHEALTHY):
        yield f"{short(after.arn)} counts as failed: it is {after.last_status}, {after.stop_code}"


def rolls_back_to_the_last_good(sight: Sight) -> Iterator[str]:
    """A rollback is to the newest deployment that was completed, which is PRIMARY again; one is never rolled back."""
    before, after = sight.change.before, sight.change.after
    if not isinstance(before, Service) or not isinstance(after, Service) or not after.deployments:
        return
    primary, failed = after.deployments[0], before.deployments[0] if before.deployments else None
    if not primary.rolls_back or failed is None or primary.id == failed.id:
        return
    good = [d for d in before.deployments[1:] if d.rollout is Rollout.COMPLETED or d.rolls_back]
    if not good or good[0].id != primary.id:
        yield f"{after.name} was rolled back to {short(primary.task_definition_arn)}, which is not the last good one"
    if failed.rolls_back:
        yield f"{after.name}: a rollback was rolled back"


def completed_when_whole(sight: Sight) -> Iterator[str]:
    """A deployment is COMPLETED when just the desired tasks run, all of them its own and healthy."""
    before, after = sight.change.before, sight.change.after
    if not isinstance(before, Service) or not isinstance(after, Service) or not after.deployments:
        return
    done = _newly_done(before.deployments, after.deployments)
    if done is None or after.early_success:
        return
    beside = {move["to"] for move in after.moves}  # to balance zones, which the same pass may begin with
    wanted = [t for t in sight.shadow.wanted(after.arn) if t.arn not in beside]
    whole = [t for t in wanted if t.started_by == done.id and is_healthy(t, done.updated_at, sight.timing)]
    if len(whole) != len(wanted) or len(wanted) != after.desired_count:
        yield f"{after.name}: completed with {len(whole)} healthy of {len(wanted)}; desired are {after.desired_count}"


def _newly_done(before: tuple[Deployment, ...], after: tuple[Deployment, ...]) -> Deployment | None:
    was = {d.id: d.rollout for d in before}
    done = after[0]
    return done if done.rollout is Rollout.COMPLETED and was.get(done.id) is Rollout.IN_PROGRESS else None


def told_once(sight: Sight) -> Iterator[str]:
    """That a deployment was completed, or failed, is told once; and again once it was rolled back to."""
    event = sight.change.after
    if not isinstance(event, ServiceEvent) or sight.change.before is not None:
        return
    if again := ROLLING_BACK.search(event.message):
        sight.shadow.told -= {(again[1], sentence.strip()) for sentence in ONCE}
    if event.message.endswith(ONCE) and (named := re.search(r"\(deployment (\S+)\)", event.message)):
        told = (named[1], event.message.rpartition(") ")[2])
        if told in sight.shadow.told:
            yield f"it was told twice: {event.message}"
        sight.shadow.told.add(told)


def log_is_not_flooded(sight: Sight) -> Iterator[str]:
    """A problem that stays is not told over and over."""
    event = sight.change.after
    if not isinstance(event, ServiceEvent) or sight.change.before is not None or " was unable to " not in event.message:
        return
    key = (event.service_arn, event.message)
    recent = [at for at in sight.shadow.problems.get(key, []) if event.created_at - at < FLOOD_WITHIN]
    sight.shadow.problems[key] = [*recent, event.created_at]
    if len(recent) >= FLOOD:
        yield f"it was told {len(recent) + 1} times within {FLOOD_WITHIN}: {event.message}"


CHECKS: tuple[Check, ...] = (
    log_is_not_flooded,
    fails_for_an_alarm_that_rings,
    breaker_trips_at_its_threshold,
    failures_are_counted_once,
    only_failures_count,
    rolls_back_to_the_last_good,
    completed_when_whole,
    told_once,
)
