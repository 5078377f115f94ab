"""Task sets: how many tasks each should have, and what to start and stop. No I/O.

Source: Amazon ECS API Reference, TaskSet.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import islice
from math import ceil
from typing import Any

from podium.ecs.records import Service, Task, TaskSet, TaskStatus
from podium.ecs.records.services import WORKLOAD
from podium.ecs.scheduling import health
from podium.ecs.scheduling.scaling_in import BY_DEFAULT, Order, least_useful_first, tiers
from podium.kernel.ids import Ids

Verdict = Callable[[Task], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    start: int = 0
    stop: tuple[Task, ...] = ()
    unhealthy: tuple[Task, ...] = ()


def new(service: Service, ids: Ids, now: datetime, **members: Any) -> TaskSet:
    name = f"ecs-svc/{ids.digits19()}"
    return TaskSet(
        arn=arn(service.arn, name),
        id=name,
        home=service.home,
        service_arn=service.arn,
        cluster_arn=service.cluster_arn,
        steady_at=now,
        created_at=now,
        updated_at=now,
        **members,
    )


def arn(service_arn: str, task_set_id: str) -> str:
    return f"{service_arn.replace(':service/', ':task-set/', 1)}/{task_set_id}"


def first(service: Service, ids: Ids, now: datetime) -> TaskSet:
    """The one that a service of controller CODE_DEPLOY begins with."""
    workload = {name: getattr(service, name) for name in WORKLOAD}
    return new(service, ids, now, status="PRIMARY", scale=100.0, started_by="CODE_DEPLOY", **workload)


def desired(service: Service, task_set: TaskSet) -> int:
    """The scale's share of the service's desired count, rounded up; none while it drains."""
    if task_set.status == "DRAINING":
        return 0
    return ceil(service.desired_count * Fraction(str(task_set.scale)) / 100)


def plan(
    service: Service,
    task_set: TaskSet,
    wanted: Sequence[Task],
    now: datetime,
    is_healthy: Verdict,
    protected: Collection[str] = (),
    order: Order = BY_DEFAULT,
    leaving: Collection[str] = (),
) -> Plan:
    """`wanted` are the set's tasks whose desired status is RUNNING.

    Those `leaving`, by ARN, are on an instance that drains: others are started in their place, and they go as far
    as enough of all are healthy. No scale-in and no drain stops one that is `protected`; the end of the set does.
    """
    protected = protected if task_set.status != "DRAINING" else ()
    ill = tuple(t for t in wanted if health.is_ill(service, t, now))
    sick = {t.arn for t in ill}
    good = [t for t in wanted if t.arn not in sick and t.arn not in leaving]
    count = desired(service, task_set)
    excess = max(0, len(good) - count)
    if not excess and not leaving:
        return Plan(start=count - len(good), unhealthy=ill)
    well = {t.arn for t in wanted if is_healthy(t)}
    removable = [t for t in good if t.arn not in protected]
    surplus = list(islice(least_useful_first(tiers(removable, well), wanted, order), excess))
    spare = len(well) - sum(t.arn in well for t in surplus) - count
    going = [t for t in wanted if t.arn in leaving and t.arn not in sick and t.arn not in protected]
    gone = [t for t in going if t.arn not in well]
    gone += [t for t in going if t.arn in well][: max(0, spare)]
    return Plan(start=max(0, count - len(good)), stop=(*surplus, *gone), unhealthy=ill)


def steady(
    service: Service,
    task_set: TaskSet,
    tasks: Sequence[Task],
    is_healthy: Verdict,
    leaving: Collection[str] = (),
) -> bool:
    """Exactly the computed desired count runs, all healthy, none where an instance drains, and nothing on its way."""
    count = desired(service, task_set)
    running = [t for t in tasks if t.last_status is TaskStatus.RUNNING]
    pending = any(t.last_status in (TaskStatus.PROVISIONING, TaskStatus.PENDING, TaskStatus.ACTIVATING) for t in tasks)
    moving = any(t.arn in leaving for t in tasks)
    return len(running) == count and not pending and not moving and all(map(is_healthy, running))
