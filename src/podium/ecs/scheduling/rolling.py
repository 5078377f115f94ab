"""How a service moves from old tasks to new ones, and keeps what it has (ECS rolling update).

Everything here is a function of its arguments: no store, no clock, no ids.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from podium.ecs.records import Health, Rollout, Service, Task
from podium.ecs.records import TaskStatus as S

Verdict = Callable[[Task], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The next step. `stop` is scaled in or outdated, `unhealthy` failed its health checks.

    `stuck` says that the percentages allow neither a start nor a stop although one is needed; `held_back`
    counts the tasks that would go if their protection let them.
    """

    start: int = 0
    stop: tuple[Task, ...] = ()
    unhealthy: tuple[Task, ...] = ()
    stuck: bool = False
    held_back: int = 0


def plan(
    service: Service,
    tasks: Sequence[Task],
    now: datetime,
    healthy_after: timedelta,
    leaving: Collection[str] = (),
    protected: Collection[str] = (),
) -> Plan:
    """What to start and stop now. `tasks` are those of the service whose desired status is RUNNING.

    `leaving` are the ARNs of tasks whose instance drains: they are replaced as outdated ones are. `protected` are
    those that neither a scale-in nor a deployment may stop; failed health checks stop them all the same.

    By its own hand it never takes healthy tasks under the minimum healthy percent of the desired
    count (rounded up), nor all tasks over the maximum (rounded down).

    Source: Amazon ECS API Reference, DeploymentConfiguration.
    """
    floor = -(-service.desired_count * service.minimum_healthy_percent // 100)
    ceiling = service.desired_count * service.maximum_percent // 100
    failed = service.primary.rollout is Rollout.FAILED

    def is_healthy(task: Task) -> bool:
        return healthy(task, now, healthy_after)

    current = [t for t in tasks if t.started_by == service.primary.id and t.arn not in leaving]
    outdated = [t for t in tasks if t.started_by != service.primary.id or t.arn in leaving]
    ill = [t for t in current if is_ill(service, t, now)]
    good = [t for t in current if t not in ill]

    excess = max(0, len(good) - service.desired_count)
    surplus = least_useful_first([t for t in good if t.arn not in protected], tasks, is_healthy)[:excess]
    spare = sum(map(is_healthy, tasks)) - sum(map(is_healthy, surplus)) - floor
    going = [t for t in outdated if t.arn not in protected and not (failed and t.arn not in leaving)]
    old = _affordable(least_useful_first(going, tasks, is_healthy), is_healthy, spare)
    stop = (*surplus, *old)

    missing = 0 if failed else service.desired_count - len(good)
    start = max(0, min(missing, ceiling - len(tasks)))
    replaced = sum(map(is_healthy, good)) >= service.desired_count
    unhealthy = tuple(ill) if replaced or (missing > 0 and start == 0) else ()
    waiting = any(not is_healthy(t) for t in good)
    stuck = bool((missing > 0 or going) and not (start or stop or unhealthy or waiting or failed))
    held_back = sum(t.arn in protected for t in outdated) + excess - len(surplus)
    return Plan(start=start, stop=stop, unhealthy=unhealthy, stuck=stuck, held_back=held_back)


def surplus(service: Service, tasks: Sequence[Task], now: datetime, healthy_after: timedelta) -> list[Task]:
    """Those of `tasks` that are more than the desired count, of whatever deployment."""
    order = least_useful_first(tasks, tasks, lambda task: healthy(task, now, healthy_after))
    return order[: max(0, len(tasks) - service.desired_count)]


def healthy(task: Task, now: datetime, after: timedelta) -> bool:
    """Whether a deployment may count on it: its checks say so or, without any, it has run for `after`."""
    if task.last_status is not S.RUNNING:
        return False
    if task.checked:
        return task.health is Health.HEALTHY
    if task.healthy_at is not None:
        return True
    return task.started_at is not None and task.started_at + after <= now


def is_ill(service: Service, task: Task, now: datetime) -> bool:
    """Failed its container health checks, and the service's grace period is over."""
    if task.health is not Health.UNHEALTHY or task.last_status is not S.RUNNING:
        return False
    return (task.started_at or now) + timedelta(seconds=service.health_check_grace_seconds) <= now


def _affordable(outdated: Sequence[Task], is_healthy: Verdict, spare: int) -> list[Task]:
    """The outdated tasks that can go now: every one that is not healthy, and `spare` of those that are."""
    going = []
    for task in outdated:
        if is_healthy(task):
            if spare <= 0:
                continue
            spare -= 1
        going.append(task)
    return going


def least_useful_first(candidates: Sequence[Task], tasks: Sequence[Task], is_healthy: Verdict) -> list[Task]:
    """Whom to let go first: the unhealthy, then those in the fullest zone and on the fullest instance, oldest first."""
    left = sorted(candidates, key=lambda t: t.created_at)
    zones = Counter(t.availability_zone for t in tasks)
    instances = Counter(t.container_instance_arn for t in tasks)
    order = []
    while left:
        task = max(
            left, key=lambda t: (not is_healthy(t), zones[t.availability_zone], instances[t.container_instance_arn])
        )
        left.remove(task)
        zones[task.availability_zone] -= 1
        instances[task.container_instance_arn] -= 1
        order.append(task)
    return order
