"""What TCS is told: the health of containers and what they use. Plain values, no I/O."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from podium_agent.engine.records import Container, Status, Task
from podium_protocol import Message, payload, tcs

T = TypeVar("T")


def health_messages(tasks: Iterable[Task], metadata: tcs.PublishMetadata, now: float) -> list[Message]:
    """One PublishHealthRequest for every ten running tasks with health checks; none when there are none."""
    told = [health for task in tasks if (health := _task_health(task)) is not None]
    return [
        tcs.publish_health({"metadata": {**metadata, "fin": last}, "tasks": some, "timestamp": round(now, 3)})
        for some, last in _sets(told)
    ]


def metrics_messages(
    tasks: Iterable[Task], metadata: tcs.PublishMetadata, metrics: Mapping[str, tcs.ContainerMetric], now: float
) -> list[Message]:
    """One PublishMetricsRequest for every ten tasks with `metrics`, or one that says idle."""
    told = [metric for task in tasks if (metric := _task_metric(task, metrics)) is not None]
    if not told:
        idle: tcs.PublishMetadata = {**metadata, "idle": True, "fin": True}
        return [tcs.publish_metrics({"metadata": idle, "taskMetrics": [], "timestamp": round(now, 3)})]
    return [
        tcs.publish_metrics(
            {"metadata": {**metadata, "idle": False, "fin": last}, "taskMetrics": some, "timestamp": round(now, 3)}
        )
        for some, last in _sets(told)
    ]


def running(task: Task) -> list[Container]:
    return [c for c in task.defined if c.status is Status.RUNNING]


def _task_health(task: Task) -> tcs.TaskHealth | None:
    checked = [c for c in running(task) if c.has_health_check]
    if not checked:
        return None
    return {**_identity(task.payload), "containers": [_container_health(c) for c in checked]}


def _identity(given: payload.Task) -> tcs.TaskHealth:
    return {
        "taskArn": given["arn"],
        "clusterArn": given.get("taskClusterArn", ""),
        "taskDefinitionFamily": given.get("family", ""),
        "taskDefinitionVersion": given.get("version", ""),
    }


def _container_health(container: Container) -> tcs.ContainerHealth:
    since = container.health_since or container.started_at or 0.0
    health: tcs.ContainerHealth = {"containerName": container.name, "statusSince": round(since, 3)}
    match container.health:
        case "HEALTHY":
            health["healthStatus"] = "HEALTHY"
        case "UNHEALTHY":
            health["healthStatus"] = "UNHEALTHY"
        case _:
            health["healthStatus"] = "UNKNOWN"
    return health


def _task_metric(task: Task, metrics: Mapping[str, tcs.ContainerMetric]) -> tcs.TaskMetric | None:
    known = [metrics[c.docker_id] for c in running(task) if c.docker_id is not None and c.docker_id in metrics]
    if not known:
        return None
    return {
        "taskArn": task.arn,
        "taskDefinitionFamily": task.payload.get("family", ""),
        "taskDefinitionVersion": task.payload.get("version", ""),
        "containerMetrics": known,
    }


def _sets(items: list[T]) -> Iterator[tuple[list[T], bool]]:
    size = tcs.TASKS_PER_MESSAGE
    for start in range(0, len(items), size):
        yield items[start : start + size], start + size >= len(items)
