"""Which tasks a deployment may count on, and which have failed their checks. No I/O."""

from datetime import datetime, timedelta

from podium.ecs.records import Health, Service, Task
from podium.ecs.records import TaskStatus as S


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
    if task.last_status is not S.RUNNING or task.health is not Health.UNHEALTHY:
        return False
    return (task.started_at or now) + timedelta(seconds=service.health_check_grace_seconds) <= now
