"""How a service moves from old tasks to new ones, and keeps what it has (ECS rolling update).

Everything here is a function of its arguments: no store, no clock, no ids. A service of thousands of tasks is looked
at whenever one of them changes, so that nothing here may take longer than the tasks are many.
"""

import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from podium.ecs.records import Rollout, Service, Task, TaskStatus
from podium.ecs.scheduling.health import healthy, is_ill
from podium.ecs.scheduling.scaling_in import BY_DEFAULT, Order, least_useful_first, tiers

PATIENCE = timedelta(minutes=5)  # for a task to be proved, before another ill one goes all the same


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The next step. `stop` is scaled in or outdated, `unhealthy` failed its health checks; so many of those to `start`
    as `replaces` says are in the place of others that failed theirs.

    `stuck` says that the percentages allow neither a start nor a stop although one is needed; `held_back`
    counts the tasks that would go if their protection let them. `settled` says that exactly the desired tasks run, all
    of the newest deployment and healthy; `more`, that this is not all there is to do now.
    """

    start: int = 0
    stop: tuple[Task, ...] = ()
    unhealthy: tuple[Task, ...] = ()
    replaces: int = 0
    stuck: bool = False
    held_back: int = 0
    settled: bool = False
    more: bool = False


def plan(
    service: Service,
    tasks: Sequence[Task],
    now: datetime,
    healthy_after: timedelta,
    leaving: Collection[str] = (),
    protected: Collection[str] = (),
    order: Order = BY_DEFAULT,
    most: int = sys.maxsize,
    besides: int = 0,
) -> Plan:
    """What to start and stop now. `tasks` are those of the service whose desired status is RUNNING.

    `leaving` are the ARNs of tasks whose instance drains: they are replaced as outdated ones are. `protected` are
    those that neither a scale-in nor a deployment may stop; failed health checks stop them all the same. `order`
    is what the service's strategies say of whom to let go first. Of each kind of step there are at most `most`.
    `besides` are tasks more than the desired count, while some are moved to other zones.

    By its own hand it never takes healthy tasks under the minimum healthy percent of the desired
    count (rounded up), nor all tasks over the maximum (rounded down). As long as those that are healthy do not reach
    the minimum, running ones that are not known to be ill make it up.

    A deployment that failed starts nothing, and replaces nothing.

    Source: Amazon ECS API Reference, DeploymentConfiguration.
    """
    floor = _floor(service)
    ceiling = service.desired_count * service.maximum_percent // 100
    if service.primary.rollout is Rollout.FAILED:
        return _of_a_failure(service, tasks, now, healthy_after, leaving, protected, order, most)
    primary = service.primary.id
    well = {t.arn for t in tasks if healthy(t, now, healthy_after)}

    good, ill, outdated = [], [], []
    for task in tasks:
        if task.started_by != primary or task.arn in leaving:
            outdated.append(task)
        elif task.arn not in well and is_ill(service, task, now):
            ill.append(task)
        else:
            good.append(task)

    target = service.desired_count + besides
    above = max(0, len(good) - target)
    removable = [t for t in good if t.arn not in protected] if above else []
    excess = min(above, len(removable))
    surplus = list(islice(least_useful_first(tiers(removable, well), tasks, order), min(excess, most)))
    spare = len(well) - max(0, excess - sum(t.arn not in well for t in removable)) - floor
    going = [t for t in outdated if t.arn not in protected]
    sick = {t.arn for t in going if t.arn not in well and is_ill(service, t, now)}
    old = _affordable(service, going, tasks, well, sick, spare, order)

    missing = target - len(good)
    start = max(0, min(missing, ceiling - len(tasks)))
    fit = sum(t.arn in well for t in good)
    unhealthy: Sequence[Task] = ()
    if fit >= service.desired_count:
        unhealthy = ill
    elif missing > 0 and start == 0:
        standing = sum(t.last_status is TaskStatus.RUNNING for t in tasks) - len(sick)
        comes = any(t.arn not in well and t.created_at + PATIENCE > now for t in good)
        few = max(standing - floor, 0 if comes else 1)
        unhealthy = sorted(ill, key=lambda t: (t.created_at, t.arn))[:few]
    stop = (*surplus, *islice(old, most))
    idle = not (start or stop or unhealthy)
    return Plan(
        start=start,
        stop=stop,
        unhealthy=tuple(unhealthy[:most]),
        replaces=min(start, len(ill)),
        stuck=bool(missing > 0 or going) and idle and fit == len(good),
        held_back=sum(t.arn in protected for t in outdated) + above - excess,
        settled=len(tasks) == len(good) == fit == service.desired_count,
        more=max(excess, len(unhealthy)) > most or next(old, None) is not None,
    )


def _floor(service: Service) -> int:
    return -(-service.desired_count * service.minimum_healthy_percent // 100)


def _of_a_failure(
    service: Service,
    tasks: Sequence[Task],
    now: datetime,
    healthy_after: timedelta,
    leaving: Collection[str],
    protected: Collection[str],
    order: Order,
    most: int,
) -> Plan:
    """The old tasks stay beside the new ones, no more of either than are desired."""
    well = {t.arn for t in tasks if healthy(t, now, healthy_after)}
    gone: list[Task] = []
    for is_new in (False, True):
        alike = [t for t in tasks if (t.started_by == service.primary.id) is is_new]
        *worse, best = tiers([t for t in alike if t.arn not in protected], well)
        first = least_useful_first([*worse, *_by_age(service, best)], tasks, order)
        gone += islice(first, max(0, len(alike) - service.desired_count))
    left = {t.arn for t in gone}
    going = [t for t in tasks if t.arn in leaving and t.arn not in protected and t.arn not in left]
    sick = {t.arn for t in going if t.arn not in well and is_ill(service, t, now)}
    spare = len(well - left) - _floor(service)
    old = _affordable(service, going, tasks, well, sick, spare, order)
    fit = sum(t.arn in well and t.started_by == service.primary.id and t.arn not in leaving for t in tasks)
    stop = (*gone[:most], *islice(old, most))
    return Plan(
        stop=stop,
        stuck=bool(going) and not stop,
        settled=len(tasks) == fit == service.desired_count,
        more=len(gone) > most or next(old, None) is not None,
    )


def _affordable(
    service: Service,
    going: Sequence[Task],
    tasks: Sequence[Task],
    well: Collection[str],
    sick: Collection[str],
    spare: int,
    order: Order,
) -> Iterator[Task]:
    """The outdated tasks that can go now: every one that does not run or is ill, and `spare` of those that are healthy.

    Of those of which nothing is known yet so many stay as healthy ones are short of the minimum, which a `spare` under
    0 says. The oldest deployment's leave first.
    """
    useless, unproven, useful = [], [], []
    for task in going:
        if task.arn in well:
            useful.append(task)
        elif task.last_status is TaskStatus.RUNNING and task.arn not in sick:
            unproven.append(task)
        else:
            useless.append(task)
    most = len(useless) + max(0, len(unproven) + min(0, spare)) + max(0, spare)
    if most == len(useless):
        unproven = []
    if spare <= 0:
        useful = []
    waiting = (tier for alike in _by_age(service, unproven) for tier in tiers(alike, well))
    first = [*tiers(useless, well), *waiting, *_by_age(service, useful)]
    return islice(least_useful_first(first, tasks, order), most)


def surplus(
    service: Service,
    tasks: Sequence[Task],
    now: datetime,
    healthy_after: timedelta,
    order: Order = BY_DEFAULT,
    protected: Collection[str] = (),
) -> list[Task]:
    """Those of `tasks` that are more than the desired count and not `protected`, of the oldest deployment first."""
    excess = max(0, len(tasks) - service.desired_count)
    if not excess:
        return []
    well = {t.arn for t in tasks if healthy(t, now, healthy_after)}
    removable = [t for t in tasks if t.arn not in protected]
    oldest_first = (tier for alike in _by_age(service, removable) for tier in tiers(alike, well))
    return list(islice(least_useful_first(oldest_first, tasks, order), excess))


def _by_age(service: Service, tasks: Sequence[Task]) -> list[list[Task]]:
    """Those of each deployment, the oldest first."""
    found: dict[str | None, list[Task]] = {d.id: [] for d in reversed(service.deployments)}
    for task in tasks:
        found.setdefault(task.started_by, []).append(task)
    return list(found.values())
