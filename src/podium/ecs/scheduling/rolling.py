"""How a service moves from old tasks to new ones, and keeps what it has (ECS rolling update).

Everything here is a function of its arguments: no store, no clock, no ids. A service of thousands of tasks is looked
at whenever one of them changes, so that nothing here may take longer than the tasks are many.
"""

import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from podium.ecs.records import Rollout, Service, Task
from podium.ecs.scheduling.health import healthy, is_ill
from podium.ecs.scheduling.scaling_in import BY_DEFAULT, Order, least_useful_first, tiers


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The next step. `stop` is scaled in or outdated, `unhealthy` failed its health checks.

    `stuck` says that the percentages allow neither a start nor a stop although one is needed; `held_back`
    counts the tasks that would go if their protection let them. `settled` says that exactly the desired tasks run, all
    of the newest deployment and healthy; `more`, that this is not all there is to do now.
    """

    start: int = 0
    stop: tuple[Task, ...] = ()
    unhealthy: tuple[Task, ...] = ()
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
    count (rounded up), nor all tasks over the maximum (rounded down).

    Source: Amazon ECS API Reference, DeploymentConfiguration.
    """
    floor = -(-service.desired_count * service.minimum_healthy_percent // 100)
    ceiling = service.desired_count * service.maximum_percent // 100
    failed = service.primary.rollout is Rollout.FAILED
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
    going = [t for t in outdated if t.arn not in protected and not (failed and t.arn not in leaving)]
    old = _affordable(service, going, tasks, well, spare, order)

    missing = 0 if failed else target - len(good)
    start = max(0, min(missing, ceiling - len(tasks)))
    fit = sum(t.arn in well for t in good)
    unhealthy = ill if fit >= service.desired_count or (missing > 0 and start == 0) else []
    stop = (*surplus, *islice(old, most))
    idle = not (start or stop or unhealthy)
    return Plan(
        start=start,
        stop=stop,
        unhealthy=tuple(unhealthy[:most]),
        stuck=bool(missing > 0 or going) and idle and not failed and fit == len(good),
        held_back=sum(t.arn in protected for t in outdated) + above - excess,
        settled=len(tasks) == len(good) == fit == service.desired_count,
        more=max(excess, len(unhealthy)) > most or next(old, None) is not None,
    )


def _affordable(
    service: Service, going: Sequence[Task], tasks: Sequence[Task], well: Collection[str], spare: int, order: Order
) -> Iterator[Task]:
    """The outdated tasks that can go now: every one that is not healthy, and `spare` of those that are.

    These leave the oldest deployment first.
    """
    useless = [t for t in going if t.arn not in well]
    useful = _by_age(service, [t for t in going if t.arn in well]) if spare > 0 else []
    first = least_useful_first([*tiers(useless, well), *useful], tasks, order)
    return islice(first, len(useless) + max(0, spare))


def surplus(
    service: Service, tasks: Sequence[Task], now: datetime, healthy_after: timedelta, order: Order = BY_DEFAULT
) -> list[Task]:
    """Those of `tasks` that are more than the desired count, of the oldest deployment first."""
    excess = max(0, len(tasks) - service.desired_count)
    if not excess:
        return []
    well = {t.arn for t in tasks if healthy(t, now, healthy_after)}
    oldest_first = (tier for alike in _by_age(service, tasks) for tier in tiers(alike, well))
    return list(islice(least_useful_first(oldest_first, tasks, order), excess))


def _by_age(service: Service, tasks: Sequence[Task]) -> list[list[Task]]:
    """Those of each deployment, the oldest first."""
    found: dict[str | None, list[Task]] = {d.id: [] for d in reversed(service.deployments)}
    for task in tasks:
        found.setdefault(task.started_by, []).append(task)
    return list(found.values())
