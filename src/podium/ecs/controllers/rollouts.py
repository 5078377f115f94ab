"""What a deployment has come to: failures counted, the breaker, completion, steady state."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from podium.ecs import deployment_alarms, histories
from podium.ecs.controllers import service_events
from podium.ecs.records import (
    Deployment,
    DeploymentStatus,
    Health,
    Rollout,
    Service,
    StopCode,
    Task,
    TaskSet,
    TaskStatus,
)
from podium.ecs.scheduling import breaker, deployments, health
from podium.ecs.timing import Timing
from podium.kernel.ids import Ids
from podium.store.records import replace
from podium.store.session import Transaction

S = TypeVar("S", Service, TaskSet)
IMPATIENT_AFTER = 3  # starts in a row that failed, before the next one is put off


def count_failures(
    tx: Transaction, ids: Ids, service: Service, tasks: Sequence[Task], now: datetime, timing: Timing
) -> Service:
    """Charge tasks that newly stopped without ever running or being healthy, and let the breaker judge.

    A task that ran and then ended by itself, or that somebody else stopped, is no failure. One that comes to run, and
    to be healthy where it has health checks, clears the score. Under a circuit breaker a deployment is not slowed
    down: it goes on until enough have failed. What an earlier deployment left behind is held against nobody.
    """
    new = [t for t in newly_failed(tx, tasks) if t.started_by == service.primary.id]
    service = _charge(service, new, tasks, now, timing)
    if (
        len(new)
        and service.start_again_at is not None
        and service.start_again_at > now
        and service.problem != service_events.THROTTLED
    ):
        service_events.say(tx, ids, service, service_events.THROTTLED, now)
        service = replace(service, problem=service_events.THROTTLED, problem_at=now)
    if not new:
        service = _forgive(service, tasks)
    return _judge(tx, ids, service, now)


def newly_failed(tx: Transaction, tasks: Sequence[Task]) -> list[Task]:
    """Those that nobody has counted yet; from now on they are."""
    new = [t for t in tasks if _failed(t) and not t.counted_failed]
    for task in new:
        tx.put(replace(task, counted_failed=True))
    return new


def _failed(task: Task) -> bool:
    if task.last_status is not TaskStatus.STOPPED:
        return False
    never_ran = task.started_at is None and task.stop_code is StopCode.TASK_FAILED_TO_START
    return never_ran or health.was_ill(task)


def _charge(service: Service, failed: Sequence[Task], tasks: Sequence[Task], now: datetime, timing: Timing) -> Service:
    if not failed:
        return service
    primary = replace(service.primary, failed_tasks=service.primary.failed_tasks + len(failed), updated_at=now)
    service = put_off(service, failed, _of_primary(service, tasks), now, timing)
    if service.circuit_breaker and primary.rollout is Rollout.IN_PROGRESS:
        service = replace(service, start_again_at=now)
    return replace(service, deployments=(primary, *service.deployments[1:]))


def put_off(starter: S, failed: Sequence[Task], tasks: Iterable[Task], now: datetime, timing: Timing) -> S:
    """What starts the tasks, a service or a task set, with these failures on its score, and a pause. `tasks` are all
    that it started.
    """
    in_a_row = starter.failed_starts + sum(t.started_at is None for t in failed)
    return replace(
        starter,
        failed_starts=in_a_row,
        last_failure_at=now,
        healthy_at_last_failure=sum(map(_runs_well, tasks)),
        start_again_at=now + pause(in_a_row, timing),
    )


def pause(failed_starts: int, timing: Timing) -> timedelta:
    """How long to wait before the next start. AWS's curve is not published; this one doubles."""
    if failed_starts < IMPATIENT_AFTER:
        return timedelta(0)
    doublings: int = 2 ** min(failed_starts - IMPATIENT_AFTER, 16)
    return min(timing.backoff * doublings, timing.backoff_most)


def _forgive(service: Service, tasks: Sequence[Task]) -> Service:
    """A task that came to run well ends the back-off, and the breaker's count too unless it is to go on."""
    if not has_recovered(service, _of_primary(service, tasks)):
        return service
    primary = replace(service.primary, failed_tasks=0) if service.circuit_breaker_forgives else service.primary
    forgotten = None if service.problem == service_events.THROTTLED else service.problem
    return replace(deployments.recovered(service), problem=forgotten, deployments=(primary, *service.deployments[1:]))


def has_recovered(starter: Service | TaskSet, tasks: Iterable[Task]) -> bool:
    """Whether, after its last failure, a task of these came to run well."""
    since = starter.last_failure_at
    if since is None:
        return False
    well = [t for t in tasks if _runs_well(t)]
    return len(well) > starter.healthy_at_last_failure or any(t.started_at > since for t in well if t.started_at)


def _of_primary(service: Service, tasks: Sequence[Task]) -> Iterator[Task]:
    return (t for t in tasks if t.started_by == service.primary.id)


def _runs_well(task: Task) -> bool:
    if task.checked and task.health is not Health.HEALTHY:
        return False
    if any(target.health is not Health.HEALTHY for target in task.targets):
        return False
    return task.last_status is TaskStatus.RUNNING and task.started_at is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why a deployment has failed: for the rollout, for the event log, for the history, and what a rollback is."""

    reason: str
    event: str
    cause: str
    rolling_back: str
    rolls_back: bool
    told: Mapping[str, Any]


def _judge(tx: Transaction, ids: Ids, service: Service, now: datetime) -> Service:
    """The deployment after the circuit breaker and the alarms have had their say."""
    primary = service.primary
    if primary.rollout is not Rollout.IN_PROGRESS:
        return service
    if service.circuit_breaker and primary.failed_tasks >= breaker.threshold_of(service):
        return _fail(tx, ids, service, _by_breaker(service), now)
    triggered = () if primary.rolls_back else deployment_alarms.firing(tx, service)
    triggered = tuple(name for name in triggered if name not in primary.alarms_ignored)
    return _fail(tx, ids, service, _by_alarms(service, triggered), now) if triggered else service


def _by_breaker(service: Service) -> Failure:
    primary = service.primary
    return Failure(
        reason="ECS deployment circuit breaker: tasks failed to start.",
        event=f"(deployment {primary.id}) deployment failed: tasks failed to start.",
        cause=histories.THRESHOLD_EXCEEDED,
        rolling_back="ECS deployment circuit breaker: rolling back to deploymentId {}.",
        rolls_back=service.circuit_breaker_rollback,
        told={"breaker_status": "TRIGGERED", "breaker_failures": primary.failed_tasks},
    )


def _by_alarms(service: Service, triggered: tuple[str, ...]) -> Failure:
    """Copilot looks for the event's words; the sentences of the rollout and the history are our own."""
    return Failure(
        reason="ECS deployment failed: alarm detected.",
        event=f"deployment {service.primary.id} deployment failed: alarm detected.",
        cause=f"the alarms {', '.join(triggered)} were detected.",
        rolling_back="ECS deployment failed: alarm detected, rolling back to deploymentId {}.",
        rolls_back=bool((service.alarms or {}).get("rollback")),
        told={"alarms_triggered": triggered},
    )


def _fail(tx: Transaction, ids: Ids, service: Service, failure: Failure, now: datetime) -> Service:
    """FAILED, and back to the last deployment that was completed where that is wanted and there is one."""
    primary, last_good = service.primary, _last_good(service)
    service = _failed_deployment(service, failure.reason, now)
    service_events.say(tx, ids, service, failure.event, now)
    if primary.rolls_back or not failure.rolls_back or last_good is None:
        status, reason = _end(primary, failure)
        histories.moved(tx, primary, status, now, status_reason=reason, **failure.told)
        return service
    service_events.say(tx, ids, service, f"rolling back to deployment {last_good.id}.", now)
    why = failure.rolling_back.format(last_good.id)
    service = histories.roll_back(tx, service, last_good, now, why, failure.cause)
    histories.moved(tx, primary, DeploymentStatus.ROLLBACK_IN_PROGRESS, now, **failure.told)
    return service


def _end(failed: Deployment, failure: Failure) -> tuple[DeploymentStatus, str]:
    """What becomes of a deployment that failed and is not rolled back."""
    if failed.rolls_back:
        return DeploymentStatus.ROLLBACK_FAILED, f"Rollback failed because {failure.cause}"
    if not failure.rolls_back:
        return DeploymentStatus.STOPPED, f"Service deployment stopped because {failure.cause}"
    reason = f"Service deployment failed because {failure.cause} {histories.NO_CANDIDATE}"
    return DeploymentStatus.ROLLBACK_FAILED, reason


def _failed_deployment(service: Service, reason: str, now: datetime) -> Service:
    failed = replace(service.primary, rollout=Rollout.FAILED, rollout_reason=reason, updated_at=now)
    return replace(service, deployments=(failed, *service.deployments[1:]))


def _last_good(service: Service) -> Deployment | None:
    return next((d for d in service.deployments[1:] if d.was_completed), None)


def obey(tx: Transaction, ids: Ids, service: Service, now: datetime) -> Service:
    """What StopServiceDeployment asked for: back to the last deployment that was completed, or no further."""
    primary = service.primary
    history = histories.of(tx, primary)
    if history is None or primary.rollout is not Rollout.IN_PROGRESS or primary.rolls_back:
        return service
    last_good = _last_good(service)
    if history.status is DeploymentStatus.STOP_REQUESTED:
        histories.moved(tx, primary, DeploymentStatus.STOPPED, now)
        return _failed_deployment(service, f"ECS deployment {primary.id} stopped.", now)
    if history.status is not DeploymentStatus.ROLLBACK_REQUESTED:
        return service
    service = _failed_deployment(service, f"ECS deployment {primary.id} stopped.", now)
    if last_good is None:
        reason = histories.NO_CANDIDATE
        histories.moved(tx, primary, DeploymentStatus.ROLLBACK_FAILED, now, status_reason=reason)
        return service
    service_events.say(tx, ids, service, f"rolling back to deployment {last_good.id}.", now)
    return histories.roll_back(
        tx, service, last_good, now, f"ECS deployment rolling back to deploymentId {last_good.id}."
    )


def conclude(
    tx: Transaction,
    ids: Ids,
    service: Service,
    tasks: Sequence[Task],
    now: datetime,
    timing: Timing,
    settled: bool | None = None,
) -> Service:
    """The service with its deployments as far as they have come; events for what was reached.

    `settled` says whether exactly the desired tasks run, all of the newest deployment and healthy; None, that
    nobody knows.
    """
    service = _without_empty(service, tasks)
    primary = service.primary
    if settled is None:
        wanted = [t for t in tasks if t.desired_status is TaskStatus.RUNNING]
        settled = _settled(service, wanted, now, timing)
    settled = settled and not _outlived(tasks)
    if primary.rollout is Rollout.IN_PROGRESS:
        service = _completed(tx, ids, service, settled or _early(service, tasks, now, timing), now, timing)
    under_way = len(service.deployments) > 1 or service.primary.rollout is Rollout.IN_PROGRESS
    return _steady(tx, ids, service, settled and not under_way, now)


def _completed(tx: Transaction, ids: Ids, service: Service, ready: bool, now: datetime, timing: Timing) -> Service:
    """A deployment that is ready bakes first, if it is to; one that no longer is begins anew."""
    primary = service.primary
    since = (primary.baking_since or now) if ready else None
    until = since + deployment_alarms.bake(tx, service, timing) if since else None
    if until is None or until > now:
        baking = replace(primary, baking_since=since, baking_until=until)
        return replace(service, deployments=(baking, *service.deployments[1:]))
    reason = f"ECS deployment {primary.id} completed."
    done = replace(primary, rollout=Rollout.COMPLETED, rollout_reason=reason, baking_since=None, baking_until=None)
    done = replace(done, rolls_back=False, updated_at=now)
    service = replace(deployments.forgiven(service), deployments=(done,))
    service_events.say(tx, ids, service, f"(deployment {done.id}) deployment completed.", now)
    ended = DeploymentStatus.ROLLBACK_SUCCESSFUL if primary.rolls_back else DeploymentStatus.SUCCESSFUL
    histories.moved(tx, primary, ended, now)
    return service


def _early(service: Service, tasks: Sequence[Task], now: datetime, timing: Timing) -> bool:
    """Whether enough of the new tasks are healthy for a service that does not wait for all of them."""
    early = service.early_success
    if not early or not early["enable"] or service.primary.rolls_back:
        return False
    running = [t for t in tasks if t.last_status is TaskStatus.RUNNING]
    ours = [t for t in running if t.started_by == service.primary.id and t.desired_status is TaskStatus.RUNNING]
    if early["sourceServiceRevisionCleanup"] == "BLOCKING" and len(ours) < len(running):
        return False
    enough: int = -(-service.desired_count * early["healthyPercent"] // 100)
    return sum(health.healthy(t, now, timing.healthy_after) for t in ours) >= enough


def _without_empty(service: Service, tasks: Sequence[Task]) -> Service:
    """Older deployments leave with their last task; the last good one stays until the newest is complete, or until
    nothing is to run any more.
    """
    primary, *older = service.deployments
    if not older:
        return service
    held = {t.started_by for t in tasks if TaskStatus.RUNNING in (t.last_status, t.desired_status)}
    if primary.rollout is Rollout.IN_PROGRESS or (primary.rollout is Rollout.FAILED and service.desired_count):
        held |= {d.id for d in older if d.was_completed}
    return replace(service, deployments=(primary, *(d for d in older if d.id in held)))


def _settled(service: Service, wanted: Sequence[Task], now: datetime, timing: Timing) -> bool:
    """Exactly the desired tasks, all of the primary deployment, all healthy."""
    if len(wanted) != service.desired_count:
        return False
    ours = [t for t in wanted if t.started_by == service.primary.id]
    if len(ours) != len(wanted):
        return False
    return all(health.healthy(t, now, timing.healthy_after) for t in ours)


def _outlived(tasks: Sequence[Task]) -> bool:
    """Whether a task that is to stop still runs."""
    return any(t.last_status is TaskStatus.RUNNING and t.desired_status is TaskStatus.STOPPED for t in tasks)


def _steady(tx: Transaction, ids: Ids, service: Service, steady: bool, now: datetime) -> Service:
    last = service.steady_event_at
    again = last is None or last + service_events.SAID_AGAIN_AFTER <= now
    if steady and (not service.steady or again):
        service_events.say(tx, ids, service, service_events.STEADY, now)
        return replace(service, steady=True, steady_event_at=now, problem=None, problem_at=None)
    return replace(service, steady=steady)


def next_look(service: Service, wanted: Sequence[Task], now: datetime, timing: Timing) -> datetime | None:
    """When time alone will change something: a task comes of age, or a back-off or a grace period ends."""
    grace = timedelta(seconds=service.health_check_grace_seconds)
    moments = [service.start_again_at, service.primary.baking_until]
    oldest = now - max(timing.healthy_after, grace)
    for task in wanted:
        if task.started_at is not None and task.started_at > oldest:
            moments += [task.started_at + timing.healthy_after, task.started_at + grace]
    if service.steady and service.steady_event_at is not None:
        moments.append(service.steady_event_at + service_events.SAID_AGAIN_AFTER)
    return min((m for m in moments if m is not None and m > now), default=None)
