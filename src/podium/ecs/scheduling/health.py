"""Which tasks a deployment may count on, and which have failed their checks. No I/O."""

from datetime import datetime, timedelta

from podium.ecs.lifecycle import UNHEALTHY, UNHEALTHY_TARGET
from podium.ecs.records import Health, Service, Task, TaskTarget
from podium.ecs.records import TaskStatus as S


def healthy(task: Task, now: datetime, after: timedelta) -> bool:
    """Whether a deployment may count on it: its checks say so or, without any, it has run for `after`.

    Behind load balancers it is to be healthy in every target group as well.
    """
    if task.last_status is not S.RUNNING:
        return False
    if task.checked and task.health is not Health.HEALTHY:
        return False
    if task.targets:
        return all(target.health is Health.HEALTHY for target in task.targets)
    if task.checked:
        return True
    if task.healthy_at is not None:
        return True
    return task.started_at is not None and task.started_at + after <= now


def is_ill(service: Service, task: Task, now: datetime) -> bool:
    """Failed its container's or a load balancer's health checks, and the service's grace period is over."""
    if task.last_status is not S.RUNNING:
        return False
    if task.health is not Health.UNHEALTHY and unhealthy_target(task) is None:
        return False
    return (task.started_at or now) + timedelta(seconds=service.health_check_grace_seconds) <= now


def unhealthy_target(task: Task) -> TaskTarget | None:
    """The first of its targets that a load balancer finds unhealthy."""
    return next((target for target in task.targets if target.health is Health.UNHEALTHY), None)


def stopped_for(task: Task) -> str:
    """The reason for stopping a task that is ill."""
    target = unhealthy_target(task)
    if target is None or task.health is Health.UNHEALTHY:
        return UNHEALTHY
    return UNHEALTHY_TARGET.format(target.group_arn)


def was_ill(task: Task) -> bool:
    """Whether its service stopped it for that."""
    reason = task.stopped_reason or ""
    return reason == UNHEALTHY or reason.startswith(UNHEALTHY_TARGET.partition("{}")[0])
