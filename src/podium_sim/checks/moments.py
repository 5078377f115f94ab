"""Deadlines: none is met early, by the control plane's own clock, and none twice."""

from collections.abc import Iterator
from datetime import timedelta

from podium.cloudwatch import MetricAlarm
from podium.ecs.records import (
    Rollout,
    Service,
    ServiceDeployment,
    StopCode,
    Task,
    TaskDefinition,
    TaskProtection,
    TaskStatus,
)
from podium_sim.checks.sight import UNHEALTHY, Check, Sight, placed_by_podium, short, stopped_by_podium


def bakes_long_enough(sight: Sight) -> Iterator[str]:
    """A deployment is COMPLETED no earlier than its bake time after it was whole."""
    before, after = sight.change.before, sight.change.after
    if not isinstance(before, Service) or not isinstance(after, Service) or not after.deployments:
        return
    done, known = after.deployments[0], {d.id: d for d in before.deployments}
    was = known.get(done.id)
    if was is None or was.rollout is not Rollout.IN_PROGRESS or done.rollout is not Rollout.COMPLETED:
        return
    bake = max(
        timedelta(minutes=after.bake_minutes), sight.timing.healthy_after if was.rolls_back else _watch(sight, after)
    )
    due = (was.baking_since or done.updated_at) + bake
    if done.updated_at < due:
        yield f"{after.name}: deployment {short(done.id)} was completed at {done.updated_at}, and bakes until {due}"


def _watch(sight: Sight, service: Service) -> timedelta:
    """As long as the slowest alarm that watches takes to judge, within the least and the most."""
    watching = (service.alarms or {}).get("alarmNames") or () if (service.alarms or {}).get("enable") else ()
    alarms = [a.settings for a in sight.shadow.all(MetricAlarm).values() if a.name in watching]
    if not alarms:
        return timedelta(0)
    slowest = timedelta(seconds=max(a["Period"] * a["EvaluationPeriods"] for a in alarms))
    return min(max(slowest, sight.timing.alarms_bake_least), sight.timing.alarms_bake_most)


def backs_off(sight: Sight) -> Iterator[str]:
    """No task is started before the pause is over that failures brought; a start that worked ends it."""
    task = placed_by_podium(sight.change)
    services = sight.services(task.service_arn) if task else []
    if task is None or not services or sight.change.before is not None:
        return
    pauses = [s.start_again_at for s in services]
    if all(pause is not None and pause > task.created_at for pause in pauses):
        yield f"{services[0].name}: {short(task.arn)} was started at {task.created_at}, not after {pauses[0]}"


def pauses_double(sight: Sight) -> Iterator[str]:
    """From the third failure in a row on each pause is twice the last, up to the longest.

    A deployment that a circuit breaker counts for goes on without one.
    """
    before, after = sight.change.before, sight.change.after
    if not isinstance(before, Service) or not isinstance(after, Service) or after.last_failure_at is None:
        return
    if after.failed_starts <= before.failed_starts or after.last_failure_at == before.last_failure_at:
        return
    pause = timedelta(0)
    counted = after.circuit_breaker and before.deployments and before.deployments[0].rollout is Rollout.IN_PROGRESS
    if after.failed_starts >= 3 and not counted:
        pause = min(sight.timing.backoff * 2 ** min(after.failed_starts - 3, 16), sight.timing.backoff_most)
    due = after.last_failure_at + pause
    if after.start_again_at != due:
        yield f"{after.name}: after {after.failed_starts} failures it starts again at {after.start_again_at}, not {due}"


def grace_is_given(sight: Sight) -> Iterator[str]:
    """Ill health stops no task before the service's grace period is over."""
    task = stopped_by_podium(sight.change)
    service = sight.shadow.service(task.service_arn) if task else None
    if task is None or service is None or task.stopped_reason != UNHEALTHY or task.started_at is None:
        return
    due = task.started_at + timedelta(seconds=service.health_check_grace_seconds)
    if task.stopping_at is not None and task.stopping_at < due:
        yield f"{service.name}: {short(task.arn)} was stopped for ill health at {task.stopping_at}, before {due}"


def protection_lasts(sight: Sight) -> Iterator[str]:
    """A protection goes when it expires, when its task stopped, or when a user ends it."""
    before = sight.change.before
    if not isinstance(before, TaskProtection) or sight.change.after is not None:
        return
    task = sight.shadow.task(before.arn)
    over = task is None or task.last_status is TaskStatus.STOPPED
    if not over and before.expires_at > sight.now and sight.change.key not in sight.shadow.unprotected:
        yield f"the protection of {short(before.arn)} ended at {sight.now}, and was to last until {before.expires_at}"


def waits_long_enough(sight: Sight) -> Iterator[str]:
    """A task that waits for capacity is given up no earlier than it should be."""
    before, after = sight.change.before, sight.change.after
    if not isinstance(before, Task) or not isinstance(after, Task) or not before.waits_for:
        return
    gave_up = before.desired_status is TaskStatus.RUNNING and after.stop_code is StopCode.TASK_FAILED_TO_START
    due = before.created_at + sight.timing.provisioning_most
    if gave_up and after.stopping_at is not None and after.stopping_at < due:
        yield f"{short(after.arn)} was given up at {after.stopping_at}, and may wait until {due}"


def forgotten_in_time(sight: Sight) -> Iterator[str]:
    """What ended is remembered for as long as it is to be."""
    before, after, timing = sight.change.before, sight.change.after, sight.timing
    if after is not None:
        return
    due = None
    if isinstance(before, Task):
        if before.last_status is not TaskStatus.STOPPED or before.stopped_at is None:
            yield f"{short(before.arn)} was forgotten while it was {before.last_status}"
            return
        due = before.stopped_at + timing.stopped_kept
    if isinstance(before, TaskDefinition):
        due = (before.delete_requested_at or sight.now) + timing.deleted_definitions_kept
    if isinstance(before, ServiceDeployment) and before.finished_at is not None and _outlives(sight, before):
        due = before.finished_at + timing.deployments_kept
    if due is not None and sight.now < due:
        yield f"{sight.change.kind.__name__} {short(before.arn)} was forgotten at {sight.now}, not after {due}"


def _outlives(sight: Sight, history: ServiceDeployment) -> bool:
    """A history goes with its service, or with the next one of its name."""
    services = sight.services(history.service_arn)
    return bool(services) and all(s.status == "ACTIVE" and s.created_at <= history.created_at for s in services)


def definition_is_not_in_use(sight: Sight) -> Iterator[str]:
    """A task definition outlives the last task that runs it and the last service that names it."""
    before = sight.change.before
    if not isinstance(before, TaskDefinition) or sight.change.after is not None:
        return
    alive = [t for t in sight.shadow.all(Task).values() if t.task_definition_arn == before.arn]
    if any(t.last_status is not TaskStatus.STOPPED for t in alive):
        yield f"{short(before.arn)} was deleted while a task of it was alive"
    services = [s for s in sight.shadow.all(Service).values() if s.status != "INACTIVE"]
    if any(s.task_definition_arn == before.arn for s in services):
        yield f"{short(before.arn)} was deleted while a service was to run it"


CHECKS: tuple[Check, ...] = (
    bakes_long_enough,
    backs_off,
    pauses_double,
    grace_is_given,
    protection_lasts,
    waits_long_enough,
    forgotten_in_time,
    definition_is_not_in_use,
)
